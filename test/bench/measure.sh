#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Registers users and makes calls through an IMS core with SIPp, and prints name=value lines: CPU of each node for
# 1,000 registrations and 1,000 calls, failures, memory, the highest rate sustained. Knows nothing of the core but:
#   --pcscf IP:PORT --domain NAME --groups name:PIDFILE,name:PIDFILE...
# Options and defaults:
#   --users 1000 --first 1   registers users FIRST..FIRST+USERS-1      --rate 100       registrations a second
#   --calls 1000             calls, first half of the users to second  --call-rate 50   calls a second, --hold 500 ms
#   --ue 127.1.0.1           address of user 1; the others follow it, one each
#   --ue-port 5060 --expires 3600 --work DIR (keeps routes and logs between runs; else made by mktemp)
#   --phases register,call   of: idle register call max-register max-call overload
#   --overload-rate 500 --overload-seconds 20   calls a second offered in the phase overload, whatever is refused
#   --step-from 100 --step-factor 1.25 --step-seconds 8 --step-last 4000 --pool 100000   for the two max phases
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
pcscf=127.0.1.11:5060 domain=ims.test groups= users=1000 first=1 rate=100 calls=1000 call_rate=50 hold=500 ue=127.1.0.1
ue_port=5060 expires=3600 work= phases=register,call step_from=100 step_factor=1.25 step_seconds=8 step_last=4000
pool=100000 overload_rate=500 overload_seconds=20
while [ $# -gt 0 ]; do
	case $1 in
	--*) name=${1#--}; name=${name//-/_}; [ -v "$name" ] || { echo "unknown option $1" >&2; exit 2; }
		printf -v "$name" %s "$2"; shift 2 ;;
	*) echo "unknown argument $1" >&2; exit 2 ;;
	esac
done
[ -n "$groups" ] || { echo "measure.sh: --groups is needed" >&2; exit 2; }
work=${work:-$(mktemp -d)}
mkdir -p "$work"
touch "$work/routes"
answerer=
trap '[ -z "$answerer" ] || kill "$answerer" 2>/dev/null || true' EXIT

# For each group: name, CPU ticks of the whole process tree, proportional and plain resident kB.
snapshot() {
	local roots= g
	for g in ${groups//,/ }; do roots+="${g%%:*}:$(cat "${g#*:}") "; done
	{ cat /proc/[0-9]*/stat 2>/dev/null || true; } | awk -v roots="$roots" '
		{ pid = $1; sub(/^.*\) /, ""); parent[pid] = $2; ticks[pid] = $12 + $13; dead[pid] = $14 + $15 }
		END {
			n = split(roots, r, " ")
			for (i = 1; i <= n; i++) { split(r[i], a, ":"); name[a[2]] = a[1]; order[i] = a[2]; sum[a[2]] = 0 }
			for (p in parent) {
				for (q = p; q in parent && q > 1 && !(q in name); q = parent[q]);
				if (q in name) { sum[q] += ticks[p] + dead[p]; list[q] = list[q] " " p }
			}
			for (i = 1; i <= n; i++) {
				q = order[i]; pss = rss = 0; m = split(list[q], pids, " ")
				for (j = 1; j <= m; j++) {
					f = "/proc/" pids[j] "/smaps_rollup"
					while ((getline line < f) > 0) {
						split(line, w, " ")
						if (w[1] == "Pss:") pss += w[2]
						if (w[1] == "Rss:") rss += w[2]
					}
					close(f)
				}
				print name[q], sum[q], pss, rss
			}
		}'
}

mark() { [ "$1" = after ] || : >"$work/cpu"; machine >>"$work/cpu"; snapshot >"$work/$1"; }

# cpu BEFORE AFTER COUNT PREFIX: seconds of CPU for 1,000 of COUNT.
cpu() {
	awk -v hz="$(getconf CLK_TCK)" -v count="$3" -v prefix="$4" '
		NR == FNR { before[$1] = $2; next }
		{ s = ($2 - before[$1]) / hz * 1000 / count; total += s; printf "%s.%s.cpu_s=%.2f\n", prefix, $1, s }
		END { printf "%s.total.cpu_s=%.2f\n", prefix, total }' "$1" "$2"
	# What SIPp cost, and what else ran on the machine meanwhile (a quiet machine: about 0).
	awk -v hz="$(getconf CLK_TCK)" -v count="$3" -v prefix="$4" -v cores="$(nproc)" '
		FILENAME ~ /cpu$/ { if (n++) { busy = $1 - b; load = $2 - l; took = $3 - t } else { b = $1; l = $2; t = $3 } next }
		{ if (FILENAME == ARGV[1]) core -= $2; else core += $2 }
		END {
			printf "%s.load_generator.cpu_s=%.2f\n", prefix, load / hz * 1000 / count
			printf "%s.other_load_percent=%.0f\n", prefix, (busy - load - core) / hz / (took / 1000) / cores * 100
		}' "$1" "$2" "$work/cpu"
}

memory() {
	awk -v prefix="$2" '{ printf "%s.%s.mem_mb=%.1f\n%s.%s.rss_mb=%.1f\n", prefix, $1, $3 / 1024, prefix, $1, $4 / 1024 }' "$1"
}

# Ticks of the machine that were not idle; of this script's load generators.
machine() {
	local g=0
	[ -z "$answerer" ] || g=$(awk '{ sub(/^.*\) /, ""); print $12 + $13 }' "/proc/$answerer/stat")
	awk -v g="$g" '
		FILENAME == "/proc/stat" && $1 == "cpu" { busy = $2 + $3 + $4 + $7 + $8 + $9 }
		FILENAME != "/proc/stat" { sub(/^.*\) /, ""); mine = $14 + $15 }
		END { print busy, mine + g, t }' t="$(date +%s%3N)" /proc/stat "/proc/$$/stat"
}

# Last value of columns of a SIPp statistics file.
stat_of() { # stat_of FILE NAME
	awk -F';' -v want="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == want) c = i } END { print $c }' "$1"
}

# run_sipp NAME SCENARIO CSV IP_FIELD RATE COUNT [more]: sets ok, failed, retrans, response and confused: calls that SIPp 3.6.1 lost by
# itself, about one in 5,000 at some hundred a second. It calls the 180 unexpected that it got, and then sees no 200 of that call.
run_sipp() {
	local name=$1 scenario=$2 csv=$3 field=$4 r=$5 count=$6
	shift 6
	rm -f "$work/$name".*
	ulimit -n "$(ulimit -Hn)"
	(cd "$work" && sipp "$pcscf" -sf "$scenario" -t ui -ip_field "$field" -inf "$csv" -i "$ue" -p "$ue_port" -auth_uri "$domain" \
		-max_socket $(($(ulimit -n) - 4000)) -key domain "$domain" -key expires "$expires" -key port "$ue_port" \
		-r "$r" -m "$count" -l 3000 -recv_timeout 8000 -timeout $((count / r + 60))s -default_behaviors none \
		-nostdin -trace_err -error_file "$name.err" -trace_stat -stf "$name.stat" -fd 1 "$@" >"$name.out" 2>&1) || true
	ok=$(stat_of "$work/$name.stat" 'SuccessfulCall(C)')
	retrans=$(stat_of "$work/$name.stat" 'Retransmissions(C)')
	response=$(stat_of "$work/$name.stat" 'ResponseTime1(C)')
	failed=$((count - ok))
	confused=$(grep -c "while expecting '100' (index 1), received 'SIP/2.0 180" "$work/$name.err" 2>/dev/null || true)
}

# seconds between first call created and the last finished, taken from outside SIPp
timed() { local t0 t1; t0=$(date +%s%N); "$@"; t1=$(date +%s%N); took=$(((t1 - t0) / 1000000)); }

register() { # register FIRST COUNT RATE
	(echo SEQUENTIAL; "$here/sipp/users.sh" "$1" $(($1 + $2 - 1)) "$domain" "$ue") >"$work/users.csv"
	timed run_sipp register "$here/sipp/register.xml" users.csv 1 "$3" "$2" -trace_logs -log_file register.log
	again=0
	if [ -f "$work/register.log" ]; then
		again=$(grep -c ';again$' "$work/register.log" || true)
		grep -v ';again$' "$work/register.log" >>"$work/routes" || true
	fi
}

prepare_calls() { # first half of the users calls the second half
	local half=$((users / 2)) n
	(echo SEQUENTIAL; "$here/sipp/users.sh" $((first + half)) $((first + users - 1)) "$domain" "$ue") >"$work/called.csv"
	"$here/sipp/users.sh" "$first" $((first + half - 1)) "$domain" "$ue" | awk -F';' -v half="$half" '
		NR == FNR { u = $1; sub(/^[^;]*;/, ""); route[u] = $0; next }
		FNR == 1 { print "SEQUENTIAL" }
		{ to = sprintf("user%06d", substr($1, 5) + half) }
		$1 in route && to in route { print $1 ";" to ";" $2 ";" route[$1] }' "$work/routes" - >"$work/callers.csv"
	n=$(sed -n 2p "$work/callers.csv" | tr -cd ';' | wc -c)
	[ "$n" -gt 0 ] || { echo "measure.sh: none of these users is registered (--work)" >&2; exit 1; }
	local fields='[field3]'
	for ((i = 4; i <= n; i++)); do fields+=";[field$i]"; done
	sed "s|\[service_route\]|$fields|" "$here/sipp/call.xml" >"$work/calls.xml"
	answer
}

answer() {
	[ -z "$answerer" ] || { kill "$answerer" 2>/dev/null; wait "$answerer" 2>/dev/null || true; }
	ulimit -n "$(ulimit -Hn)"
	(cd "$work" && exec sipp -sf "$here/sipp/answer.xml" -t ui -ip_field 1 -inf called.csv -i "$(sed -n '2s/^[^;]*;\([^;]*\);.*/\1/p' called.csv)" \
		-p "$ue_port" -max_socket $(($(ulimit -n) - 1000)) -recv_timeout 60000 -default_behaviors none -nostdin \
		-trace_err -error_file answer.err >answer.out 2>&1) &
	answerer=$!
	sleep 2
}

call() { # call COUNT RATE
	timed run_sipp call calls.xml callers.csv 2 "$2" "$1" -d "$hold"
}

report() { # report PREFIX COUNT
	echo "$1.count=$2"
	echo "$1.failed=$failed"
	echo "$1.confused=${confused:-0}"
	echo "$1.retransmissions=$retrans"
	echo "$1.response=$response"
	echo "$1.took_ms=$took"
	[ "$1" != register ] || echo "$1.challenged_again=$again"
}

# Raises the rate until fewer than 99.9 % succeed or the run falls behind, then tries once half way back. A run that waits only for
# calls that SIPp lost is not behind.
climb() { # climb PREFIX FUNCTION
	local r=$step_from best=0 bad=0
	while [ "$r" -le "$step_last" ]; do
		if try "$1" "$2" "$r"; then
			best=$r
			[ "$bad" = 0 ] || break
			r=$(awk -v r="$r" -v f="$step_factor" 'BEGIN { print int(r * f + 0.5) }')
			sleep 1
		else
			[ "$bad" = 0 ] && [ "$best" -gt 0 ] || break
			bad=$r r=$(((best + r) / 2))
			sleep 12 # transactions of the failed step die out
			[ -z "$answerer" ] || answer
		fi
	done
	echo "$1.rate=$best"
}

try() { # try PREFIX FUNCTION RATE
	local count=$(($3 * step_seconds)) state=bad
	mark before
	"$2" "$count" "$3"
	mark after
	local other
	other=$(cpu "$work/before" "$work/after" "$count" step | sed -n 's/^step.other_load_percent=//p')
	[ $((ok * 1000)) -lt $((count * 999)) ] || [ "$took" -gt $((step_seconds * 1250 + 2500)) ] || state=good
	[ $((ok * 1000)) -lt $((count * 999)) ] || [ "$failed" = 0 ] || [ "$failed" -gt "${confused:-0}" ] || state=good
	echo "$1.step=$3 $state ok=$ok of=$count confused=${confused:-0} retransmissions=$retrans took_ms=$took response=$response other_load_percent=$other"
	[ $state = good ]
}

next_user=$((first + users))
step_register() {
	[ $((next_user + $1)) -le "$pool" ] || next_user=1
	local from=$next_user
	next_user=$((next_user + $1))
	register "$from" "$1" "$2"
}
step_call() { call "$1" "$2"; }

# The same call, but who is refused says ACK, so that nobody repeats the refusal.
refusable() {
	awk '
		/<recv response="100" optional="true"\/>/ && !asked++ { print; for (i = split("408 480 486 500 503 504", s); i; i--) print "<recv response=\"" s[i] "\" optional=\"true\" next=\"1\"/>"; next }
		/<recv response="200" rtd="2"\/>/ { print "<recv response=\"200\" rtd=\"2\" next=\"2\"/>\n<label id=\"1\"/>"; while ((getline line < ack) > 0) print line; print "<label id=\"2\"/>"; next }
		{ print }' ack=<(sed -n '/^<send><!\[CDATA\[$/,/^\]\]><\/send>$/p' "$work/calls.xml" | awk '/^ACK /{on = 1} { block = block $0 "\n" } /^\]\]>/ { if (on) { printf "%s", block; exit } block = "" }' |
			sed 's|^ACK \[next_url\]|ACK sip:[field1]@[domain]|; s|\[branch\]|[branch-15]|; /^\[routes\]$/d') "$work/calls.xml" >"$work/refusable.xml"
}

# count_of COLUMN...: the sum of the last values of these columns of SIPp's counts, by a pattern.
count_of() {
	awk -F';' -v want="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i ~ want) c[i] = 1 } END { for (i in c) sum += $i; print sum + 0 }' "$work"/overload*_counts.csv
}

overload() { # everything that is offered comes in overload_seconds; established is who got 200, ended whose BYE was answered
	local count=$((overload_rate * overload_seconds))
	prepare_calls
	refusable
	rm -f "$work"/*_counts.csv
	mark before
	timed run_sipp overload refusable.xml callers.csv 2 "$overload_rate" "$count" -d "$hold" -trace_counts
	mark after
	local established ended refused
	mv "$work"/refusable_*_counts.csv "$work/overload_counts.csv"
	established=$(count_of '^[0-9]+_ACK_Sent$') ended=$(count_of '^[0-9]+_200_Recv$')
	refused=$(count_of '^[0-9]+_(408|480|486|500|503|504)_Recv$')
	established=$((established - refused)) ended=$((ended - established))
	echo "overload.offered_rate=$overload_rate"
	echo "overload.offered=$count"
	echo "overload.established=$established"
	echo "overload.ended=$ended"
	echo "overload.refused=$refused"
	echo "overload.unanswered=$((count - established - refused))"
	echo "overload.rate=$((ended / overload_seconds))"
	cpu "$work/before" "$work/after" "$count" overload | grep other_load
}

for phase in ${phases//,/ }; do
	case $phase in
	idle)
		mark before; sleep 5; mark after
		cpu "$work/before" "$work/after" 5000 idle | sed 's/cpu_s=/cpu_s_per_s=/' ;;
	register)
		mark before
		register "$first" "$users" "$rate"
		sleep 0.5; mark after
		report register "$users"
		cpu "$work/before" "$work/after" "$users" register
		memory "$work/after" register ;;
	call)
		prepare_calls
		mark before
		call "$calls" "$call_rate"
		sleep 0.5; mark after
		report call "$calls"
		cpu "$work/before" "$work/after" "$calls" call
		memory "$work/after" call ;;
	max-register) climb max_register step_register ;;
	max-call) prepare_calls; climb max_call step_call ;;
	overload) overload ;;
	*) echo "unknown phase $phase" >&2; exit 2 ;;
	esac
done
