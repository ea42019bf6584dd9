#!/bin/sh
# usage: dockerd.sh DIRECTORY DOCKERD [ARGUMENT…]
#
# Runs a dockerd that leaves nothing: its processes live in a PID namespace and its mounts in a mount namespace,
# which both end with it; its bridge, address translation and control groups are made and removed here.
# DIRECTORY/init.pid holds the process whose end is the end of all of them.
directory=$1
shift
group=imagespec-test-$$

# Making the link claims the number, and with it the subnet, against every other dockerd of this kind.
number=0
until ip link add "istest$number" type bridge 2>"$directory/link.log"; do
  number=$((number + 1))
  if [ "$number" -gt 254 ]; then
    cat "$directory/link.log" >&2
    exit 1
  fi
done
bridge=istest$number
subnet=10.213.$number.0/24

# $1: -I or -D. The rules of a host whose forwarding is closed by default would keep containers offline.
rules() {
  iptables -w -t nat "$1" POSTROUTING -s "$subnet" ! -o "$bridge" -j MASQUERADE
  iptables -w "$1" FORWARD -i "$bridge" -j ACCEPT
  iptables -w "$1" FORWARD -o "$bridge" -j ACCEPT
}

remove_groups() {
  find /sys/fs/cgroup -depth -type d -path "*/$group*" -exec rmdir {} + 2>/dev/null
}

init_of() {
  grep -l "^PPid:[[:space:]]*$1\$" /proc/[0-9]*/status 2>/dev/null | cut -d/ -f3
}

clean_up() {
  remove_groups
  rules -D
  ip link del "$bridge"
}

ip address add "10.213.$number.1/24" dev "$bridge"
ip link set "$bridge" up
rules -I

# containerd's shims keep their sockets below /run/containerd, whatever its configuration says; a system's own
# containerd must not be found there either. tini reaps the shims.
mkdir -p /run/containerd
unshare --mount --pid --fork --kill-child --mount-proc \
  sh -c 'mount -t tmpfs tmpfs /run/containerd && exec tini -s -- "$@"' init \
  "$@" --bridge "$bridge" --cgroup-parent "$group" &
unshared=$!
until init=$(init_of "$unshared") && [ -n "$init" ]; do
  kill -0 "$unshared" 2>/dev/null || break
done
echo "$init" >"$directory/init.pid"
trap 'kill -KILL "$init" 2>/dev/null' TERM
# A trapped signal ends the first wait before the process has ended.
wait "$unshared"
wait "$unshared"
status=$?
clean_up
exit "$status"
