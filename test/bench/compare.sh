#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Measures two or more running cores in turn, round after round, so that the machine's moods fall on all alike.
# usage: compare.sh ROUNDS "NAME OPTIONS OF measure.sh" "NAME OPTIONS OF measure.sh" ...
# Prints NAME.<figure>= the median of the rounds, and ratio.<figure>= second to first for the totals.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
rounds=${1:?usage: compare.sh ROUNDS "NAME OPTIONS" "NAME OPTIONS" ...}
shift
out=$(mktemp -d)
for ((i = 1; i <= rounds; i++)); do
	for target; do
		read -r name options <<<"$target"
		# shellcheck disable=SC2086
		"$here/measure.sh" --work "$out/$name" $options | grep -E '^[a-z_.]+=[-0-9.]+$' | sed "s/^/$name./" >>"$out/all"
	done
done
awk -F= -v first="${1%% *}" -v second="$([ $# -lt 2 ] || echo "${2%% *}")" '
	!($1 in n) { order[++keys] = $1 }
	{ v[$1, ++n[$1]] = $2 }
	END {
		for (k = 1; k <= keys; k++) {
			name = order[k]; m = n[name]
			for (i = 2; i <= m; i++) for (j = i; j > 1 && v[name, j] + 0 < v[name, j - 1] + 0; j--) {
				t = v[name, j]; v[name, j] = v[name, j - 1]; v[name, j - 1] = t }
			median[name] = v[name, int((m + 1) / 2)]
			printf "%s=%s\n", name, median[name]
		}
		for (k = 1; k <= keys; k++) {
			name = order[k]; other = second substr(name, length(first) + 1)
			if (second != "" && index(name, first ".") == 1 && name ~ /total\.cpu_s$/ && other in median && median[name] > 0)
				printf "ratio%s=%.2f\n", substr(name, length(first) + 1), median[other] / median[name]
		}
	}' "$out/all"
rm -rf "$out"
