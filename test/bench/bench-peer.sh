#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The same registrations and calls against Kamailio's IMS modules and against our core, in turn, round after round, at equal
# rates, so that the machine's moods fall on both alike. Prints medians and ratio.*= ours to Kamailio's.
# usage: bench-peer.sh      environment: ROUNDS=5, RATE=400, NET, SIP=udp|tcp
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
: "${NET:=127.0.8}" "${SIP:=udp}" "${RATE:=400}" "${ROUNDS:=5}"
command -v kamailio >/dev/null || { echo "bench-peer needs kamailio: make deps-peer" >&2; exit 2; }
RUN=$(mktemp -d) peer=$(mktemp -d)
export NET SIP RUN
cleanup() {
	make -s -C "$root" down RUN="$RUN" >/dev/null 2>&1 || true
	"$here/peer/down.sh" "$peer" || true
	rm -rf "$RUN" "$peer"
}
trap cleanup EXIT

"$here/peer/up.sh" "$peer" >"$peer/groups"
make -s -C "$root" up USERS=10000 SET="*:trace.mode=failures" >&2
# P, I and S without the HSS: Kamailio has none, and the rig's answers from an array in memory.
theirs=$(sed -n 's/^groups=\(.*\),hss:.*/\1/p' "$peer/groups")
groups=
for d in pcscf icscf scscf; do groups+="${groups:+,}$d:$RUN/$d.pid"; done
# Registrations among registrations, then calls: what a call leaves behind for 32 s is not for the next round's registrations to clear.
rounds() { # rounds PHASES PRINTED
	local load="--users 1000 --rate $RATE --calls 2000 --call-rate $RATE --phases $1"
	"$here/compare.sh" "$ROUNDS" \
		"kamailio --pcscf 127.0.1.11:5060 --groups $theirs --ue 127.2.0.1 $load" \
		"minims --pcscf $NET.11:5060 --groups $groups --ue 127.1.0.1 $load" | grep -E "^[a-z]+\\.$2\\."
}
rounds register register
rounds register,call call
