#!/bin/sh
# usage: containers-store.sh DIRECTORY COMMAND [ARGUMENT…]
#
# Runs COMMAND, which works with images and containers that are kept below DIRECTORY, until it is ended by TERM; then
# ends the containers that were left and takes away what is mounted there, by whichever program.
directory=$1
shift
trap 'kill -KILL "$command" 2>/dev/null' TERM

# A container is known by its root, which is mounted of a layer in DIRECTORY.
containers() {
  for file in /proc/[0-9]*/mountinfo; do
    awk -v folder="$directory/" '$5 == "/" && index($0, folder) { found = 1; exit } END { exit !found }' "$file" &&
      echo "$file" | cut -d/ -f3
  done 2>/dev/null
}

mounts() {
  awk -v folder="$directory/" 'index($2, folder) == 1 { print $2 }' /proc/mounts | sort -r
}

"$@" &
command=$!
# A signal ends a wait before the process has ended.
while kill -0 "$command" 2>/dev/null; do
  wait "$command"
done
containers | xargs -r kill -KILL 2>/dev/null
mounts | xargs -r umount --lazy
