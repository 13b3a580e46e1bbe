#!/bin/sh
# Healthy: Valkey answers a ping (not while it loads its file) and takes writes.
set -eu
REDISCLI_AUTH=$(cat /run/secrets/valkey_password)
VALKEYCLI_AUTH=$REDISCLI_AUTH # the newer name of the same
export REDISCLI_AUTH VALKEYCLI_AUTH
[ "$(valkey-cli ping)" = PONG ]
valkey-cli info persistence | grep -q 'aof_last_write_status:ok'
