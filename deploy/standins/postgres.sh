#!/bin/sh
# What the real image's entry point does with the variables docker-compose.yml sets.
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  mkdir -p "$PGDATA"
  # The variable holds several options.
  # shellcheck disable=SC2086
  initdb --pgdata="$PGDATA" --username="$POSTGRES_USER" --pwfile="$POSTGRES_PASSWORD_FILE" \
    --auth-local=trust $POSTGRES_INITDB_ARGS
  echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
  postgres -D "$PGDATA" -c listen_addresses= -k /run/postgresql &
  first=$!
  until pg_isready --quiet --host=/run/postgresql --username="$POSTGRES_USER"; do sleep 0.2; done
  psql --host=/run/postgresql --username="$POSTGRES_USER" --dbname=postgres \
    --command="CREATE DATABASE \"$POSTGRES_DB\""
  kill -INT $first
  wait $first
fi
exec "$@" -c listen_addresses='*' -k /run/postgresql
