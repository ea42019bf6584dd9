#!/bin/sh
# usage: service.sh DIRECTORY COMMAND [ARGUMENT…]
#
# Runs COMMAND for as long as standard input stays open, that is as long as the owner lives and wants it; then
# ends it and removes DIRECTORY. Standard output says "exited N" when COMMAND ends by itself.
# DIRECTORY/log holds what COMMAND prints.
directory=$1
shift

run() {
  "$@" </dev/null >"$directory/log" 2>&1 &
  echo $! >"$directory/pid"
  wait $!
  echo "exited $?"
}

# Without the shell's own word on how a process was ended.
run "$@" 2>/dev/null &
runner=$!
cat >/dev/null
# The runner may not have come to write the file when the owner leaves at once.
until [ -s "$directory/pid" ]; do sleep 0.01; done
kill -TERM "$(cat "$directory/pid")" 2>/dev/null
wait "$runner"
rm -rf "$directory"
