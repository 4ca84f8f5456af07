#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Measures our core with SIPp and prints name=value lines: CPU of each daemon for 1,000 registrations and 1,000 calls, failures,
# memory and the highest rate with at least 99.9 % success, with 1,000 and with 20,000 registered users.
# usage: bench.sh     environment: BIN, NET, SIP=udp|tcp, RATE=400, ROUNDS=3, MAX=0: no search for the highest rate
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
: "${NET:=127.0.8}" "${SIP:=udp}" "${RATE:=400}" "${MAX:=1}" "${ROUNDS:=3}"
RUN=$(mktemp -d)
export NET SIP RUN
cleanup() { make -s -C "$root" down RUN="$RUN" >/dev/null 2>&1 || true; rm -rf "$RUN"; }
trap cleanup EXIT

# One SIPp has 20,000 descriptors, so users are registered in parts; every UE has an address of its own.
measure() { # measure PREFIX OPTIONS...
	local prefix=$1
	shift
	"$here/measure.sh" --pcscf "$NET.11:5060" --groups "$groups" --work "$RUN/bench" "$@" | sed "s/^/$prefix/"
}

groups=
for d in pcscf icscf scscf hss; do groups+="${groups:+,}$d:$RUN/$d.pid"; done
make -s -C "$root" up USERS=100000 SET="*:trace.mode=failures" >&2

# The same registrations and calls of the same 1,000 users, when they are all and when they are among 20,000: medians of ROUNDS.
rounds() { # rounds NAME
	"$here/compare.sh" "$ROUNDS" "$1 --pcscf $NET.11:5060 --groups $groups --users 1000 --rate $RATE --calls 4000 --call-rate $RATE --phases register,call"
}
rounds users_1000
measure users_20000.part1. --first 1001 --users 9500 --rate "$RATE" --ue 127.1.4.0 --phases register >&2
measure users_20000.part2. --first 10501 --users 9500 --rate "$RATE" --ue 127.1.41.0 --phases register >&2
rounds users_20000
if [ "$MAX" = 1 ]; then
	measure "" --users 1000 --phases max-register,max-call --first 1
fi
