#!/bin/sh
# Starts Valkey with the password from its secret file. It goes in on standard input: neither the
# process list nor the environment shows it.
set -eu
password=$(cat /run/secrets/valkey_password)
exec valkey-server /etc/valkey/valkey.conf - <<CONF
requirepass $password
CONF
