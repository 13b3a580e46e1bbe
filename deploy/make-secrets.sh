#!/bin/sh
# Makes the secrets of docker-compose.yml on first use; what exists is never touched.
#
#   deploy/make-secrets.sh [FOLDER]          default: deploy/secrets, which git ignores
#
# The folder is closed to other users of this machine. The files in it are readable, because
# compose mounts them with the owner they have here, while each container runs as another user.
set -eu
folder=${1:-$(dirname "$0")/secrets}
umask 077
mkdir -p "$folder"
chmod 0700 "$folder"
for name in valkey_password postgres_password push_token grafana_password; do
  file=$folder/$name
  [ -s "$file" ] && continue
  # 32 random bytes in hexadecimal: safe in an address, a header, a configuration line.
  head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n' > "$file.new"
  chmod 0444 "$file.new"
  mv "$file.new" "$file"
  echo "made $file"
done
