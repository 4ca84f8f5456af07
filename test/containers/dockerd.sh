#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A Docker engine of our own, for a machine where none runs or where no image registry can be reached. As root.
#
#   dockerd.sh start DIR        in a network namespace of its own; prints DOCKER_HOST=... and NETNS=..., to be eval'ed
#   dockerd.sh base DIR PKG...  makes the image debian:12-slim, and a package repository with PKG and what they need
#   dockerd.sh stop DIR         ends it: no process, mount or namespace stays; images and packages stay in DIR for the next time
#
# What has sockets lies in a short directory under /tmp, for their paths may not be long; DIR/run points to it.
# The containers reach the repository at the gateway of the default bridge, and nothing else outside.
set -eu
command=${1:?start, base or stop} dir=${2:?directory}
shift 2
mkdir -p "$dir/data" "$dir/packages/partial"
dir=$(realpath "$dir")
run=$(readlink "$dir/run" || :)
GATEWAY=172.17.0.1 PORT=8099 DEADLINE_S=20

ours() { # PIDFILE: does that process live, and is it one that works for DIR
	[ -s "$1" ] && grep -qs -- "$dir" "/proc/$(cat "$1")/cmdline"
}

wait_for() { # CONDITION...
	end=$(($(date +%s) + DEADLINE_S))
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s)" -lt $end ] || return 1
		sleep 0.1
	done
}

gone() { ! ours "$1"; }

end() { # PIDFILE
	if ours "$1"; then
		kill "$(cat "$1")"
		wait_for gone "$1" || { echo "process $(cat "$1") does not end" >&2; return 1; }
	fi
	rm -f "$1"
}

# Processes of a dockerd that was killed: containers, and what holds them.
orphans() {
	cat /sys/fs/cgroup/*/"${run##*/}"/*/cgroup.procs 2>/dev/null || :
	for process in /proc/[0-9]*; do
		! grep -qs -- "$run/" "$process/cmdline" || echo "${process#/proc/}"
	done
}

no_orphans() { [ -z "$(orphans)" ]; }

stop() {
	[ -d "$run" ] || { rm -f "$dir/run"; return 0; }
	end "$run/packages.pid"
	end "$run/docker.pid"
	for pid in $(orphans | sort -u); do
		kill -9 "$pid" 2>/dev/null || :
	done
	wait_for no_orphans
	# dockerd leaves a handle of its namespace mounted, and the namespace would live on
	for mount in $(awk -v run="$run/" -v data="$dir/data" 'index($2, run) == 1 || index($2, data) == 1 {print $2}' /proc/mounts | sort -r); do
		umount "$mount"
	done
	for cgroup in $(find /sys/fs/cgroup -depth -type d -path "*/${run##*/}*" 2>/dev/null); do
		rmdir "$cgroup"
	done
	rm -rf "$run" "$dir/run"
}

start() {
	stop # what a killed one left
	run=$(mktemp -d /tmp/minims-docker.XXXXXX)
	ln -sfn "$run" "$dir/run"
	: >"$run/netns"
	unshare --net="$run/netns" ip link set lo up
	DOCKER_HOST=unix://$run/docker.sock
	export DOCKER_HOST
	# in a session of its own: Ctrl-C is for who uses it. By nsenter, not by "ip netns exec", which mounts a /sys without the cgroups
	setsid nsenter --net="$run/netns" dockerd --host "$DOCKER_HOST" --data-root "$dir/data" --exec-root "$run/exec" --pidfile "$run/docker.pid" \
		--bip "$GATEWAY/16" --cgroup-parent "/${run##*/}" >"$dir/dockerd.log" 2>&1 </dev/null &
	wait_for docker version || { tail -5 "$dir/dockerd.log" >&2; stop; return 1; }
	setsid nsenter --net="$run/netns" python3 -m http.server $PORT --bind $GATEWAY --directory "$dir/packages" >"$dir/packages.log" 2>&1 </dev/null &
	echo $! >"$run/packages.pid"
	echo "DOCKER_HOST=$DOCKER_HOST NETNS=$run/netns"
}

# The image, with the host's own sources; inside, the only source is our repository.
make_image() {
	sources=/etc/apt/sources.list.d/debian.sources
	[ -s $sources ] || sources=/etc/apt/sources.list
	[ -s "$dir/base.tar" ] || mmdebstrap --quiet --variant=minbase \
		--customize-hook='rm -rf "$1"/etc/apt/sources.list.d/* "$1"/var/lib/apt/lists/* "$1"/usr/share/doc/* "$1"/usr/share/man/*' \
		--customize-hook="echo 'deb [trusted=yes] http://$GATEWAY:$PORT ./' >\"\$1\"/etc/apt/sources.list" \
		bookworm "$dir/base.tar" $sources
	docker image inspect debian:12-slim >/dev/null 2>&1 || docker import "$dir/base.tar" debian:12-slim >/dev/null
}

# What PKG need beyond the image, as apt of this machine finds it.
download() {
	apt-get -qq -y --no-install-recommends --download-only -o Debug::NoLocking=1 -o Dir::State::status="$dir/status" \
		-o Dir::Cache::archives="$dir/packages" install "$@" >/dev/null
}

base() {
	DOCKER_HOST=unix://$run/docker.sock
	export DOCKER_HOST
	make_image
	[ $# -gt 0 ] || return 0
	tar xOf "$dir/base.tar" ./var/lib/dpkg/status >"$dir/status"
	download "$@" 2>/dev/null || { apt-get -qq update && download "$@"; }
	(cd "$dir/packages" && dpkg-scanpackages -m . >Packages 2>/dev/null)
}

case $command in
start) start ;;
base) base "$@" ;;
stop) stop ;;
*) echo "start, base or stop" >&2; exit 2 ;;
esac
