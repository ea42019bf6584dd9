#!/bin/sh
# usage: emulated.sh DIRECTORY QEMU
#
# Holds a user namespace, with all users in it, and a mount namespace in which QEMU runs the programs of arm64; outside
# of them nothing changes. DIRECTORY/namespace.pid holds the process whose namespaces they are, once they are ready.
# From Linux 6.7 on each user namespace has its own list of such programs.
directory=$1
qemu=$2

hold() {
  unshare --user --mount sh -c '
    until grep -q . /proc/self/gid_map; do sleep 0.05; done
    mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc || exit 1
    printf "%s" "$1" >/proc/sys/fs/binfmt_misc/register || exit 1
    echo $$ >"$0/namespace.pid"
    echo ready
    exec sleep infinity' "$directory" "$format" &
  holder=$!
  trap 'kill -KILL "$holder" 2>/dev/null' TERM
  # Until it has left the namespace of this machine, these cannot be written.
  for map in uid_map gid_map; do
    until echo "0 0 4294967295" >"/proc/$holder/$map"; do
      kill -0 "$holder" && sleep 0.05 || return 1
    done 2>/dev/null
  done
  while kill -0 "$holder" 2>/dev/null; do
    wait "$holder"
  done
}

# What the first bytes of such a program are: ELF, 64 bits, little-endian, executable or shared, machine 183.
magic='\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00'
mask='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
# F: QEMU is opened now, for it is in no container.
format=":arm64:M::$magic:$mask:$qemu:F"
hold
