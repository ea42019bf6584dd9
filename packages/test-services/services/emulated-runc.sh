#!/bin/sh
# runc in a user namespace that has no network namespace of its own: it can mount no sysfs there, and forbid no devices.
previous=
for word; do
  [ "$previous" != --bundle ] ||
    sed -i 's|"type":"sysfs","source":"sysfs","options":\[[^]]*\]|"type":"bind","source":"/sys","options":["rbind","ro"]|' "$word/config.json"
  previous=$word
done
exec runc --rootless true "$@"
