#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Prints SIPp lines "user;address;[authentication ...]" for users FIRST..LAST.
# usage: users.sh FIRST LAST DOMAIN ADDRESS      user n has ADDRESS+n-1
awk -v first="$1" -v last="$2" -v domain="$3" -v address="$4" 'BEGIN {
	split(address, b, "."); base = ((b[1] * 256 + b[2]) * 256 + b[3]) * 256 + b[4]
	for (n = first; n <= last; n++) {
		a = base + n - 1
		u = sprintf("user%06d", n)
		printf "%s;%d.%d.%d.%d;[authentication username=%s@%s password=password%06d]\n", u, int(a / 16777216), \
			int(a / 65536) % 256, int(a / 256) % 256, a % 256, u, domain, n
	}
}'
