#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Starts the peer: Kamailio as P-, I- and S-CSCF and the HSS, each on its loopback address. With HSS_PID, the file of its process id, an HSS
# runs at $HSS already and has the users of users.sh.
# usage: up.sh [RUN_DIRECTORY]      environment: see the defaults below. Prints run= and groups= for measure.sh and down.sh.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
run=${1:-$(mktemp -d)}
: "${PCSCF:=127.0.1.11}" "${ICSCF:=127.0.1.12}" "${SCSCF:=127.0.1.13}" "${HSS:=127.0.1.14}" "${DOMAIN:=ims.test}"
: "${USERS:=100000}" "${CHILDREN:=2}" "${WORKERS:=2}" "${HASH:=14}" "${SHM_MB:=1024}" "${PROBE:=127.0.1.17}" "${PKG_MB:=32}" "${DEFINES:=}"
: "${ALGORITHM:=3GPP-Digest}" "${HSS_PID:=}" # ALGORITHM: what the S-CSCF asks for, HSS-Selected leaves it to the HSS
kamailio=$(command -v kamailio)

fill() { # fill FILE NODE ADDRESS
	sed -e "s|@RUN@|$run|g; s|@DOMAIN@|$DOMAIN|g; s|@NODE@|${2:-}|g; s|@ADDRESS@|${3:-}|g; s|@CHILDREN@|$CHILDREN|g" \
		-e "s|@PCSCF@|$PCSCF|g; s|@ICSCF@|$ICSCF|g; s|@SCSCF@|$SCSCF|g; s|@HSS@|$HSS|g; s|@WORKERS@|$WORKERS|g; s|@HASH@|$HASH|g" \
		-e "s|@ALGORITHM@|$ALGORITHM|g" "$1"
}

die() { echo "up.sh: $*" >&2; "$here/down.sh" "$run" >&2 || true; exit 1; }

mkdir -p "$run/icscf-db"
for f in common pcscf icscf scscf; do fill "$here/conf/$f.cfg" >"$run/$f.cfg"; done
fill "$here/conf/cdp.xml" icscf "$ICSCF" >"$run/icscf.xml"
fill "$here/conf/cdp.xml" scscf "$SCSCF" >"$run/scscf.xml"
fill "$here/conf/hss.conf" >"$run/hss.conf"
printf 'id(int) s_cscf_uri(string)\n1:sip\\:%s\\:5060\n' "$SCSCF" >"$run/icscf-db/s_cscf"
printf 'id_s_cscf(int) capability(int)\n1:1\n' >"$run/icscf-db/s_cscf_capabilities"
printf 'trusted_domain(string)\n%s\n' "$DOMAIN" >"$run/icscf-db/nds_trusted_domains"

if [ -z "$HSS_PID" ]; then
	cc -O2 -rdynamic -o "$run/hss" "$here/hss/hss.c" -lfdcore -lfdproto -lgnutls -ldl -lpthread
	setsid "$run/hss" "$run/hss.conf" "$HSS" 3868 "$DOMAIN" "$USERS" 1 >"$run/hss.log" 2>&1 </dev/null &
	HSS_PID=$run/hss.pid
	echo $! >"$HSS_PID"
fi
for _ in $(seq 100); do (exec 3<>"/dev/tcp/$HSS/3868") 2>/dev/null && break; sleep 0.1; done

groups=
for node in pcscf icscf scscf; do
	(ulimit -c 0; exec setsid "$kamailio" -DD -E -m "$SHM_MB" -M "$PKG_MB" $DEFINES -f "$run/$node.cfg" -Y "$run" \
		>"$run/$node.log" 2>&1 </dev/null) &
	echo $! >"$run/$node.pid"
	groups+="$node:$run/$node.pid,"
done
sleep 1
for node in pcscf icscf scscf hss; do
	pid=$([ $node = hss ] && echo "$HSS_PID" || echo "$run/$node.pid")
	kill -0 "$(cat "$pid")" 2>/dev/null || { tail -n 5 "$run/$node.log" >&2 || true; die "$node did not start"; }
done
# Ready when the last user can register: a TCP connection to the HSS does not mean that the Diameter peer is open.
(echo SEQUENTIAL; "$here/../sipp/users.sh" "$USERS" "$USERS" "$DOMAIN" "$PROBE" | sed "s/;[0-9.]*;/;$PROBE;/") >"$run/probe.csv"
ready=
for _ in $(seq 20); do
	(cd "$run" && sipp "$PCSCF:5060" -sf "$here/../sipp/register.xml" -t u1 -inf probe.csv -i "$PROBE" -p 5060 -key domain "$DOMAIN" \
		-key expires 60 -key port 5060 -m 1 -recv_timeout 1000 -timeout 3s -default_behaviors none -nostdin >probe.out 2>&1) &&
		ready=1 && break
	sleep 0.5
done
[ -n "$ready" ] || die "no registration goes through"
echo "run=$run"
echo "groups=${groups}hss:$HSS_PID"
