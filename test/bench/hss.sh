#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# How fast the HSS answers, against a bare freeDiameter server whose answers are as long, in turn: MAR (Digest, AKA), LIR, UDR, and SAR
# with its durable write; 32 questions in flight on one connection. Prints name=value lines.
# usage: hss.sh USERS [STORE]     environment: BIN, TOOLS, NET, ROUNDS=5, REQUESTS=40000; STORE: sqlite (default) or a postgresql: line
set -euo pipefail
: "${BIN:?}" "${TOOLS:?}" "${NET:=127.0.7}" "${ROUNDS:=5}" "${REQUESTS:=40000}" "${KINDS:=mar-digest mar-aka lir udr}"
users=$1 store=${2:-sqlite}
RUN=$(mktemp -d) pids=()
cleanup() {
	for p in "${pids[@]}"; do kill "$p" 2>/dev/null && tail --pid="$p" -f /dev/null; done
	rm -rf "$RUN"
}
trap cleanup EXIT

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=hss.ims.test \
	-addext "subjectAltName=DNS:hss.ims.test,IP:$NET.14" -keyout "$RUN/hss.pem" -out "$RUN/ca.pem" 2>/dev/null
cat "$RUN/ca.pem" >> "$RUN/hss.pem"
cat > "$RUN/hss.yaml" <<-END
	domain: ims.test
	log: {file: $RUN/hss.log, level: warn}
	trace: {mode: failures}
	sh: {unknown_as: read}
	ops: {address: '$NET.14:9090'}
	state: $RUN/state
	tls: {certificate: $RUN/hss.pem, ca: $RUN/ca.pem}
	diameter: {address: $NET.14, admit: [.ims.test]}
	$([ "$store" = sqlite ] || echo "store: $store")
END
cat > "$RUN/imsctl.yaml" <<-END
	domain: ims.test
	hss: https://$NET.14:8443
	ca: $RUN/ca.pem
	token_file: $RUN/state/admin.token
END

"$BIN/hss" -c "$RUN/hss.yaml" & hss=$!
pids+=("$hss")
timeout 20 bash -c "until '$BIN/hss' -c '$RUN/hss.yaml' --health >/dev/null 2>&1; do sleep 0.05; done"
began=$(date +%s.%N)
load() { "$BIN/imsctl" --config "$RUN/imsctl.yaml" subscriber load --count "$1" "${@:2}" >/dev/null; }
load "$users"
echo "load.seconds=$(echo "$(date +%s.%N) - $began" | bc)"
aka=$((users / 10))
python3 - "$aka" > "$RUN/aka.ndjson" <<-'END'
	import hashlib, json, sys
	op = hashlib.sha256(b"OP:ims.test").hexdigest()[:32]
	for n in range(1, int(sys.argv[1]) + 1):
	    impi = "aka%06d@ims.test" % n
	    print(json.dumps({"impi": impi, "identities": [{"impu": "sip:" + impi}], "credentials": {
	        "scheme": "aka", "k": hashlib.sha256(("K:" + impi).encode()).hexdigest()[:32], "op": op, "amf": "8000"}}))
END
"$BIN/imsctl" --config "$RUN/imsctl.yaml" subscriber load --file "$RUN/aka.ndjson" >/dev/null
sync -f "$RUN/state" # the system no longer writes what was loaded while it is asked about

echo_server() { # echo_server OCTETS: one that answers so long
	cat > "$RUN/echo.conf" <<-END
		Identity = "echo.ims.test"; Realm = "ims.test"; Port = 3869; SecPort = 0; No_SCTP; No_IPv6; NoRelay;
		AppServThreads = 2; ThreadsPerServer = 1; TcTimer = 1; TwTimer = 6;
		LoadExtension = "/usr/lib/freeDiameter/dict_nasreq.fdx"; LoadExtension = "/usr/lib/freeDiameter/dict_dcca.fdx";
		LoadExtension = "/usr/lib/freeDiameter/dict_dcca_3gpp.fdx";
	END
	coproc ECHO { exec "$TOOLS/diameter_echo" "$RUN/echo.conf" "$NET.24" 3869 "$1" 2>>"$RUN/echo.log"; }
	echo_pid=$ECHO_PID
	pids+=("$echo_pid")
	read -r line <&"${ECHO[0]}" && [ "$line" = ready ]
}
cpu() { awk '{ print ($14 + $15) / 100 }' "/proc/$1/stat"; }
ask() { # ask ADDRESS PORT KIND USERS OPTIONS...
	"$TOOLS/diameter_load" "$1" "$3" port="$2" source="$NET.13" users="$4" "${@:5}"
}
value() { sed -n "s/^$1=//p"; }
median() { sort -n | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'; }

measure() { # measure KIND USERS REQUESTS SAR-OFFSET
	local kind=$1 n=$2 requests=$3 ours=() bare=() octets=0 out first=$4
	octets=$(ask "$NET.14" 3868 "$kind" "$n" requests=1000 first="$first" | value octets)
	first=$((first + 1000))
	echo_server "$octets"
	for _ in $(seq "$ROUNDS"); do
		before=$(cpu "$hss")
		out=$(ask "$NET.14" 3868 "$kind" "$n" requests="$requests" first="$first")
		first=$((first + requests))
		cpus+=" $(echo "($(cpu "$hss") - $before) * 1000000 / $requests" | bc)"
		ours+=("$(value rate <<< "$out")")
		bare+=("$(ask "$NET.24" 3869 "$kind" "$n" requests="$requests" | value rate)")
	done
	kill "$echo_pid" && tail --pid="$echo_pid" -f /dev/null
	local m e
	m=$(printf '%s\n' "${ours[@]}" | median) e=$(printf '%s\n' "${bare[@]}" | median)
	echo "$kind.rate=$m"
	echo "$kind.echo_rate=$e"
	echo "$kind.ratio=$(echo "scale=2; $m / $e" | bc | sed 's/^\./0./')"
	echo "$kind.octets=$octets"
	echo "$kind.hss_cpu_us=$(tr ' ' '\n' <<< "$cpus" | sed '/^$/d' | median)"
	cpus=
}
cpus=
sars=$((REQUESTS / 4))
# as in a network: who registers was authenticated before
ask "$NET.14" 3868 mar-digest "$users" requests=$((ROUNDS * sars + 1000)) >/dev/null
measure sar "$users" "$sars" 0
# the others ask about those whom the SARs registered: the same walk through all of them
for kind in $KINDS; do
	n=$users
	[ "$kind" = mar-aka ] && n=$aka && ask "$NET.14" 3868 mar-aka "$n" requests="$n" step=1 >/dev/null
	measure "$kind" "$n" "$sars" 0
done
memory() { awk "/^$1/ { print int(\$2 / 1024) }" "/proc/$hss/status"; }
echo "memory_mb=$(memory RssAnon)"
echo "mapped_mb=$(memory RssFile)" # the store's file and the programs, which the system can take back
