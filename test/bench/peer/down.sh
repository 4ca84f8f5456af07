#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Stops what up.sh started. usage: down.sh RUN_DIRECTORY
run=${1:?usage: down.sh RUN_DIRECTORY}
for node in pcscf icscf scscf hss; do
	[ -f "$run/$node.pid" ] || continue
	pid=$(cat "$run/$node.pid")
	rm -f "$run/$node.pid"
	kill -TERM "$pid" 2>/dev/null || continue
	for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
	kill -KILL "$pid" 2>/dev/null && echo "down.sh: $node had to be killed" >&2
done
exit 0
