#!/bin/sh
# usage: dockerd.sh DIRECTORY DOCKERD [ARGUMENT…]
#
# Runs a dockerd that leaves nothing: its processes live in a PID namespace and its mounts in a mount namespace,
# which both end with it; its bridge, address translation and control groups are made and removed here.
# DIRECTORY/init.pid holds the process whose end is the end of all of them. Whatever is made bears DIRECTORY's name.
directory=$1
shift
group=${directory##*/}
init=
stopped=

end() {
  stopped=yes
  [ -z "$init" ] || kill -KILL "$init" 2>/dev/null
}
trap end TERM

# Making the link claims the number, and with it the subnet, against every other dockerd of this kind. Without an
# address of its own a bridge has that of one of its containers: when that one ends, the others lose their gateway for
# as long as they remember it by that address.
number=0
until problem=$(ip link add "istest$number" address "$(printf 02:42:0a:d5:%02x:01 "$number")" type bridge 2>&1); do
  number=$((number + 1))
  if [ "$number" -gt 254 ]; then
    echo "no bridge can be made: $problem"
    exit 1
  fi
done
bridge=istest$number
subnet=10.213.$number.0/24

# $1: -I or -D. Forwarding is allowed by name, for a host may refuse it by default.
rules() {
  iptables -w -t nat "$1" POSTROUTING -s "$subnet" ! -o "$bridge" -m comment --comment "$group" -j MASQUERADE &&
    iptables -w "$1" FORWARD -i "$bridge" -m comment --comment "$group" -j ACCEPT &&
    iptables -w "$1" FORWARD -o "$bridge" -m comment --comment "$group" -j ACCEPT
}

groups() {
  find /sys/fs/cgroup -depth -type d \( -path "*/$group" -o -path "*/$group/*" \)
}

# The kernel lets go of a control group a moment after the end of its last process.
remove_groups() {
  tries=0
  until [ -z "$(groups)" ] || [ "$tries" -gt 200 ]; do
    groups | xargs rmdir 2>/dev/null || sleep 0.05
    tries=$((tries + 1))
  done
}

# The bridge last: with it the number and the subnet are free.
clean_up() {
  rules -D
  remove_groups
  ip link delete "$bridge"
}

child_of() {
  grep -l "^PPid:[[:space:]]*$1\$" /proc/[0-9]*/status 2>/dev/null | cut -d/ -f3
}

# containerd's shims keep their sockets below /run/containerd, whatever its configuration says; a system's own
# containerd must not be found there either. tini reaps the shims.
run() {
  mkdir -p /run/containerd
  unshare --mount --pid --fork --kill-child --mount-proc \
    sh -c 'mount -t tmpfs tmpfs /run/containerd && exec tini -s -- "$@"' init \
    "$@" --bridge "$bridge" --cgroup-parent "$group" &
  unshared=$!
  until init=$(child_of "$unshared") && [ -n "$init" ]; do
    kill -0 "$unshared" 2>/dev/null || return 1
  done
  echo "$init" >"$directory/init.pid"
  [ -z "$stopped" ] || end
  # A signal ends a wait before the process has ended.
  while kill -0 "$unshared" 2>/dev/null; do
    wait "$unshared"
  done
}

ip address add "10.213.$number.1/24" dev "$bridge" && ip link set "$bridge" alias "$group" up && rules -I && run "$@"
clean_up
