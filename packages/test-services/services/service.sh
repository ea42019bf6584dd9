#!/bin/sh
# usage: service.sh DIRECTORY SIGNAL COMMAND [ARGUMENT…]
#
# Runs COMMAND for as long as standard input stays open, that is as long as the owner lives and wants it; then
# ends it by SIGNAL and removes DIRECTORY. Standard output says "exited N" when COMMAND ends by itself.
# DIRECTORY/log holds what COMMAND prints.
directory=$1
signal=$2
shift 2

run() {
  "$@" </dev/null >"$directory/log" 2>&1 &
  echo $! >"$directory/pid"
  wait $!
  echo "exited $?"
}

# What died with its namespace may still have been writing.
remove() {
  tries=0
  until rm -rf "$directory" || [ "$tries" -gt 100 ]; do
    sleep 0.05
    tries=$((tries + 1))
  done
}

# Without the shell's own word on how a process was ended.
run "$@" 2>/dev/null &
runner=$!
cat >/dev/null
# The runner may not have come to write the file when the owner leaves at once.
until [ -s "$directory/pid" ]; do sleep 0.01; done
# While the runner lives, its command has not been reaped, and the number is still the command's.
kill -0 "$runner" 2>/dev/null && kill -s "$signal" "$(cat "$directory/pid")" 2>/dev/null
wait "$runner"
remove
