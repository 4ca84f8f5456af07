#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The users of the demonstration, one subscriber a line of the file, to the HSS. Who is there stays as he is.
set -eu
ADMIN=${ADMIN:-/run/minims/admin}
while read -r subscriber; do
	status=$(printf %s "$subscriber" | curl -sS -o /dev/null -w '%{http_code}' --cacert "$ADMIN/ca.pem" \
		-H "Authorization: Bearer $(cat "$ADMIN/admin.token")" -H 'Content-Type: application/json' --data-binary @- \
		https://hss.ims.test:8443/v1/subscribers)
	case $status in
	201) echo "made: ${subscriber%%,*}" ;;
	409) echo "there already: ${subscriber%%,*}" ;;
	*) echo "refused with $status: ${subscriber%%,*}" >&2 && exit 1 ;;
	esac
done <"$1"
