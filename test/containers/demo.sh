#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `make compose-demo`: docker-compose.yml from the build of its images to a call between two phones outside, and all away again.
#
#   demo.sh DIR PKG...   PKG: what the build stage of the Dockerfile installs; DIR: where an engine of our own keeps its images
#
# The engine that runs is used when it has or gets the base image; else one of our own is started. [test/containers/dockerd.sh]
set -eu
dir=${1:?directory} project=minims-demo DEADLINE_S=90
shift
cd "$(dirname "$0")/../.."
began=$(date +%s) own= inside=

say() { printf '\n== %s\n' "$*"; }

compose() { $compose_command --project-name $project "$@"; }

# ---- the engine ----

engine_serves() {
	docker info >/dev/null 2>&1 || return 1
	docker image inspect debian:12-slim >/dev/null 2>&1 || docker pull -q debian:12-slim >/dev/null 2>&1
}

own_engine() {
	say "No Docker engine that has debian:12-slim: one of our own starts."
	[ "$(id -u)" = 0 ] || { echo "that needs root" >&2; exit 1; }
	own=yes
	started=$(test/containers/dockerd.sh start "$dir" 9>&-)
	eval "$started"
	export DOCKER_HOST
	inside="nsenter --net=$NETNS"
	# the packages that the Dockerfile names; the build's are given
	named=$(sed -n 's/.*--no-install-recommends \([^&]*\).*/\1/p' Dockerfile)
	test/containers/dockerd.sh base "$dir" "$@" $named
}

choose_compose() {
	compose_command="docker-compose --ansi never"
	! docker compose version >/dev/null 2>&1 || compose_command="docker compose --ansi never"
}

# ---- the core ----

finish() {
	status=$?
	trap - EXIT INT TERM
	[ $status = 0 ] || [ -z "${compose_command:-}" ] || compose logs --tail 20 >&2 || :
	[ -z "${compose_command:-}" ] || compose down -v >>"$dir/compose.log" 2>&1 || status=1
	[ -z "$own" ] || test/containers/dockerd.sh stop "$dir" || status=1
	[ $status != 0 ] || say "Done after $(($(date +%s) - began)) s; all is down. The images stay."
	exit $status
}

state_of() { docker inspect -f '{{.State.Health.Status}}' "$(compose ps -q "$1")"; }

wait_healthy() {
	end=$(($(date +%s) + DEADLINE_S))
	for service in dns hss icscf scscf pcscf; do
		until [ "$(state_of $service)" = healthy ]; do
			[ "$(date +%s)" -lt $end ] || { echo "$service is $(state_of $service)" >&2; return 1; }
			sleep 0.2
		done
		echo "   $service is healthy"
	done
}

mkdir -p "$dir"
exec 9>"$dir/lock"
flock -n 9 || { echo "another one runs in $dir" >&2; exit 1; }
trap finish EXIT
trap 'exit 130' INT TERM
engine_serves || own_engine "$@"
choose_compose
say "The images are built."
compose build >"$dir/compose.log" 2>&1 || { tail -30 "$dir/compose.log" >&2; exit 1; }
docker images --format '   {{.Repository}} {{.Size}}' 'minims/*'
compose down -v >>"$dir/compose.log" 2>&1 # what a killed one left
say "The core starts: DNS, HSS, I-CSCF and S-CSCF, P-CSCF, each when those before it are healthy."
compose up -d --no-build >>"$dir/compose.log" 2>&1 || { tail -30 "$dir/compose.log" >&2; exit 1; }
wait_healthy
$inside python3 test/containers/phones.py $compose_command --project-name $project
