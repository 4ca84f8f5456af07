#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Overload: the highest call rate that is carried with 99.9 %, then 1.5 times as much for 20 s. At least 70 % of the highest rate must
# be carried, and each established call must end with its BYE answered. Prints name=value lines; exits 1 when it does not hold.
# usage: overload.sh     environment: BIN, NET, SIP="udp tcp" between the daemons, USERS=1000, FROM=200, ROUNDS=1
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
: "${NET:=127.0.7}" "${SIP:=udp tcp}" "${USERS:=1000}" "${FROM:=200}" "${ROUNDS:=1}" "${UE:=127.1.0.1}"
RUN=$(mktemp -d)
down() { make -s -C "$root" down RUN="$RUN/core" >/dev/null 2>&1 || true; }
trap 'down; rm -rf "$RUN"' EXIT
groups=
for d in pcscf icscf scscf hss; do groups+="${groups:+,}$d:$RUN/core/$d.pid"; done
measure() { "$here/measure.sh" --pcscf "$NET.11:5060" --groups "$groups" --work "$RUN/work" --users "$USERS" --ue "$UE" "$@"; }

held=0
for sip in $SIP; do
	for ((i = 1; i <= ROUNDS; i++)); do
		rm -rf "$RUN/work"
		make -s -C "$root" up NET="$NET" SIP="$sip" RUN="$RUN/core" USERS="$USERS" SET="*:trace.mode=failures" >&2
		measure --phases register,max-call --step-from "$FROM" >"$RUN/out"
		best=$(sed -n 's/^max_call.rate=//p' "$RUN/out")
		sed -n "s/^max_call/$sip.$i.max_call/p" "$RUN/out"
		sleep 12 # what is left of the last step dies out
		measure --phases overload --overload-rate $((best * 3 / 2)) >"$RUN/out"
		sed "s/^/$sip.$i./" "$RUN/out"
		awk -F= -v best="$best" -v prefix="$sip.$i." '
			{ v[$1] = $2 }
			END {
				ratio = best ? v["overload.rate"] / best : 0
				printf "%soverload.carried_of_highest=%.2f\n", prefix, ratio
				exit !(ratio >= 0.7 && v["overload.ended"] == v["overload.established"])
			}' "$RUN/out" || held=1
		down
	done
done
exit $held
