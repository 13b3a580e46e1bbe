#!/bin/bash
# Builds the image, runs docker-compose.yml for real with podman, breaks things, looks from inside.
#
#   make container-test            all of it (about five minutes, once the base images are there)
#   KEEP=1 make container-test     leave the containers running at the end
#
# Needs root, podman, and either a registry of images or Debian's debootstrap: then stand-ins for
# the base images are made (deploy/standins). Images, containers and volumes live in WORK (default:
# build/container-test), apart from any you have. Grafana has no stand-in; without a registry it is
# left out, and that is said.
set -euo pipefail
cd "$(dirname "$0")/.."

WORK=$(realpath -m "${WORK:-build/container-test}")
PYTHON_IMAGE=docker.io/library/python:3.11-slim-bookworm
PROJECT=topicwire-test
export SECRETS_DIR=$WORK/secrets PUSH_PORT=${PUSH_PORT:-18081}
export PROMETHEUS_PORT=${PROMETHEUS_PORT:-19090} GRAFANA_PORT=${GRAFANA_PORT:-13000}
export CONTAINERS_CONF=$WORK/containers.conf CONTAINERS_STORAGE_CONF=$WORK/storage.conf
SERVICES=(valkey postgres fetch classifier sink prometheus)
PUSHED=0

step() { printf '\n== %s\n' "$*"; }
ok() { printf '   ok: %s\n' "$*"; }
fail() { printf '   FAILED: %s\n' "$*" >&2; exit 1; }

# until_true SECONDS WHAT COMMAND…: wait, with a deadline that names what did not happen.
until_true() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" > "$WORK/last.log" 2>&1; do
    [ $SECONDS -lt $deadline ] || { tail -5 "$WORK/last.log" >&2; fail "not in time: $what"; }
    sleep 0.5
  done
  ok "$what"
}

expect() { # expect WHAT WANTED GOT
  [ "$2" = "$3" ] || fail "$1: expected $2, got $3"
  ok "$1: $3"
}

check_tools() {
  [ "$(id -u)" = 0 ] || fail "run it as root: containers need their own networks"
  local packages="podman runc catatonit debootstrap uidmap netavark aardvark-dns iptables" part
  # Without aardvark-dns containers start and never find each other.
  for part in podman runc debootstrap iptables netavark aardvark-dns; do
    PATH=$PATH:/usr/lib/podman:/usr/libexec/podman command -v $part > /dev/null \
      || fail "$part is missing; on Debian: apt-get install -y --no-install-recommends $packages"
  done
  mkdir -p "$WORK/networks"
  # runc and cgroupfs also work where no systemd runs; the limits are below what some hosts allow.
  cat > "$CONTAINERS_CONF" <<CONF
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_backend = "netavark"
network_config_dir = "$WORK/networks"
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
CONF
  cat > "$CONTAINERS_STORAGE_CONF" <<CONF
[storage]
driver = "overlay"
graphroot = "$WORK/storage"
runroot = "/run/topicwire-$(cksum <<< "$WORK" | cut -d ' ' -f 1)"
CONF
  if [ ! -x "$WORK/venv/bin/podman-compose" ]; then
    "${PYTHON:-python3}" -m venv "$WORK/venv"
    "$WORK/venv/bin/python" -m pip install --quiet --require-hashes -r requirements/containers.txt
  fi
}

compose() {
  "$WORK/venv/bin/podman-compose" --in-pod=false --project-name "$PROJECT" \
    --podman-run-args=--pull=never "$@" 2>> "$WORK/compose.log"
}

names_of() { podman ps --quiet --filter "label=io.podman.compose.project=$PROJECT" \
  --filter "label=io.podman.compose.service=$1"; }
one_of() { names_of "$1" | sed -n 1p; }
inside() { podman exec "$(one_of "$1")" sh -c "$2"; }
sql() { inside postgres "psql -h /run/postgresql -U topicwire -d topicwire -tAc \"$1\""; }

build_image() { # build_image TAG ARGUMENTS…
  local tag=$1 mounts=()
  shift
  if [ -n "${PIP_CERT:-}" ]; then # a certificate authority of the network's own, for pip
    printf '[global]\ncert = /etc/pip-cert.pem\n' > "$WORK/pip.conf"
    mounts=(-v "$WORK/pip.conf:/etc/pip.conf:ro" -v "$PIP_CERT:/etc/pip-cert.pem:ro")
  fi
  podman build --pull=never --network host --format docker "${mounts[@]}" \
    --build-arg "PYTHON_IMAGE=$PYTHON_IMAGE" --tag "$tag" "$@" > "$WORK/build.log" 2>&1 \
    || { tail -30 "$WORK/build.log" >&2; fail "building $tag"; }
  ok "built $tag"
}

base_image() {
  podman image exists "$PYTHON_IMAGE" && return
  podman pull --quiet "$PYTHON_IMAGE" > /dev/null 2>&1 && return
  echo "   no registry: making a stand-in for $PYTHON_IMAGE with debootstrap"
  command -v debootstrap > /dev/null || fail "apt-get install -y debootstrap"
  rm -rf "$WORK/rootfs"
  debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates \
    bookworm "$WORK/rootfs" > "$WORK/debootstrap.log" 2>&1 || fail "see $WORK/debootstrap.log"
  tar -C "$WORK/rootfs" -c . | podman import --quiet --change 'CMD ["python3"]' - "$PYTHON_IMAGE"
  rm -rf "$WORK/rootfs"
}

other_images() {
  local service image
  mkdir -p "$WORK/standins"
  cp deploy/standins/* requirements/run.txt requirements/dev.txt "$WORK/standins/"
  for service in valkey postgres prometheus grafana; do
    image=$(sed -n "/^  $service:/,/image:/s/.*image: //p" docker-compose.yml)
    if podman image exists "$image" || podman pull --quiet "$image" > /dev/null 2>&1; then
      ok "$image"
      [ $service != grafana ] || SERVICES+=(grafana)
    elif [ $service = grafana ]; then
      echo "   NOT RUN: $image can't be had here and has no stand-in"
    else
      build_image "$image" --target $service "$WORK/standins"
    fi
  done
}

healthy() { # every container of every service passes its health check
  local service container
  for service in "${SERVICES[@]}"; do
    [ -n "$(names_of "$service")" ] || { echo "$service is not there"; return 1; }
    for container in $(names_of "$service"); do
      podman healthcheck run "$container" || { echo "$service is not healthy"; return 1; }
    done
  done
}

push() { # push COUNT PREFIX: send articles of our own through the push door
  local number body=
  for number in $(seq 1 "$1"); do
    body+='{"id": "'$2-$number'", "source": "container test", "title": "Zelensky signs law '$number
    body+=' in Kyiv", "text": "The Ukrainian president signed a law on howitzer deliveries from '
    body+='Germany while ambassadors met in Geneva for talks on a ceasefire. Number '$number'."}'$'\n'
  done
  curl --silent --fail --retry 30 --retry-all-errors --retry-delay 1 --output /dev/null \
    --header "Authorization: Bearer $(cat "$SECRETS_DIR/push_token")" \
    --header 'Content-Type: application/x-ndjson' --data-binary "$body" \
    "http://127.0.0.1:$PUSH_PORT/articles" || fail "push of $1 articles"
  PUSHED=$((PUSHED + $1))
}

stored() { [ "$(sql 'SELECT count(*) FROM articles')" = "$PUSHED" ]; }
all_stored() { until_true "${1:-60}" "$PUSHED pushed articles are $PUSHED rows in PostgreSQL" stored; }
answers() { curl --silent --output /dev/null --write-out '%{http_code}' "$@"; }
prom() { curl --silent --fail --get "http://127.0.0.1:$PROMETHEUS_PORT/api/v1/query" \
  --data-urlencode "query=$1" | python3 -c 'import json, sys
for item in json.load(sys.stdin)["data"]["result"]: print(item["value"][1])'; }
prom_says() { [ "$(prom "$1")" = "$2" ]; }

check_hardening() { # check_hardening SERVICE: as seen by the process itself
  local id status field shown secret memory
  id=$(inside "$1" 'id -u')
  [ "$id" != 0 ] || fail "$1 runs as root"
  [ "$(inside "$1" 'touch /etc/here /opt/here /var/here 2>&1' | grep -c 'Read-only')" = 3 ] \
    || fail "$1: the root file system takes writes"
  status=$(inside "$1" 'cat /proc/1/status')
  for field in CapInh CapPrm CapEff CapBnd CapAmb; do
    grep -q "^$field:.0000000000000000$" <<< "$status" || fail "$1: $field is not empty"
  done
  grep -q '^NoNewPrivs:.1$' <<< "$status" || fail "$1: new privileges are possible"
  grep -q '^Seccomp:.2$' <<< "$status" || fail "$1: no seccomp filter"
  # Read whole, then looked through: `… | grep -q` would end early and hide what it found.
  shown=$(inside "$1" 'cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2> /dev/null; true' | tr '\0' '\n')
  [[ $shown = *PATH=* ]] || fail "$1: its processes' environment can't be read"
  shown+=$(podman inspect "$(one_of "$1")")
  for secret in "$SECRETS_DIR"/*; do
    [[ $shown != *"$(cat "$secret")"* ]] || fail "$1: shows $secret in its environment, arguments or configuration"
  done
  memory=$(podman inspect --format '{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}}' "$(one_of "$1")")
  [[ $memory =~ ^[1-9][0-9]+\ [1-9][0-9]*$ ]] || fail "$1: no limits: $memory"
  ok "$1: user $id, read-only, no capabilities, no new privileges, seccomp, limits $memory, no secret shown"
}

kill_one() { # kill_one SERVICE: kill -9 its first process from outside; the restart policy must act
  local container pid
  container=$(one_of "$1")
  pid=$(podman inspect --format '{{.State.Pid}}' "$container")
  kill -9 "$pid"
  until_true 60 "killed $1 runs again" eval \
    "new=\$(podman inspect --format '{{.State.Pid}}' $container); [ \"\$new\" != 0 ] && [ \"\$new\" != $pid ]"
}

# Not `compose down`: podman-compose forgets replicas and what they hold. The store is our own.
clear_away() {
  # Twice: the first time stops at a container that another one still depends on.
  podman rm --all --force --time 30 || podman rm --all --force --time 30
  podman volume rm --all --force
  podman network prune --force
  find . -maxdepth 1 -name oom -empty -delete # left by podman's monitor after the memory check
} >> "$WORK/compose.log" 2>&1

finish() {
  local code=$?
  if [ $code != 0 ]; then
    for service in "${SERVICES[@]}"; do
      for container in $(podman ps --all --quiet --filter "label=io.podman.compose.service=$service"); do
        echo "-- log of $service" >&2
        podman logs --tail 15 "$container" >&2 || true
      done
    done
  fi
  if [ -n "${KEEP:-}" ]; then
    echo "left running; look: CONTAINERS_CONF=$CONTAINERS_CONF CONTAINERS_STORAGE_CONF=$CONTAINERS_STORAGE_CONF podman ps"
  else
    clear_away || true
    umount "$WORK/storage/overlay" 2> /dev/null || true # podman's own mount, in the way of `make clean`
  fi
  exit $code
}

check_tools
step "images"
base_image
build_image topicwire:local --file deploy/Dockerfile .
other_images

step "start"
deploy/make-secrets.sh "$SECRETS_DIR"
clear_away
trap finish EXIT
compose up --detach --no-build "${SERVICES[@]}" > "$WORK/up.log" || { tail -20 "$WORK/compose.log" >&2; fail "up"; }
until_true 120 "every health check passes" healthy

step "the doors"
expect "push without a token" 401 "$(answers --data '{}' "http://127.0.0.1:$PUSH_PORT/articles")"
push 50 first
all_stored
until_true 60 "Prometheus scrapes every target" prom_says 'sum(up)' 4
expect "results by the command" 7 "$(inside sink 'topicwire results --json --limit 7' | grep -c '^{')"
inside sink 'topicwire status' > "$WORK/status.log" || fail "topicwire status"
ok "status by the command"

step "hardening, from inside"
for service in "${SERVICES[@]}"; do check_hardening "$service"; done
for service in valkey postgres classifier sink; do # destination 0: a default route
  routes=$(inside $service 'cut -f2 /proc/net/route')
  [[ $routes = Destination* ]] || fail "$service: its routes can't be read"
  [[ ! $routes =~ (^|[[:space:]])00000000 ]] || fail "$service can get out"
done
ok "valkey, postgres, classifier and sink have no way out"
inside classifier 'python3 -c "bytearray(2 << 30)"' > /dev/null 2>&1 && fail "the memory limit does not hold"
ok "2 GB in a container of 768 MB are refused"

step "scale"
compose up --detach --no-build --scale classifier=2 classifier > /dev/null
expect "classifiers" 2 "$(names_of classifier | wc -l)"
until_true 60 "every health check passes" healthy
until_true 60 "Prometheus finds both by DNS" prom_says 'sum(up{job="classifier"})' 2

step "kill -9, one after the other, while articles come in"
for service in classifier sink fetch valkey postgres; do
  push 40 "before-$service"
  kill_one "$service"
  push 40 "after-$service"
  all_stored 120
done
until_true 120 "every health check passes" healthy
until_true 60 "nothing is left unfinished" prom_says 'max(topicwire_pending_entries) + max(topicwire_queue_entries)' 0
# shellcheck disable=SC2016  # the shell in the container expands it
expect "dead letters" 0 "$(inside valkey 'REDISCLI_AUTH=$(cat /run/secrets/valkey_password) valkey-cli XLEN {topicwire}:dead')"

step "dashboard"
PROMETHEUS_URL=http://127.0.0.1:$PROMETHEUS_PORT "${BIN:-.venv/bin}/python" -m pytest -q \
  -p no:cacheprovider tests/deploy/test_panels.py || fail "panels"

step "drain"
for service in fetch classifier sink; do
  container=$(one_of $service)
  podman stop --time 25 "$container" > /dev/null 2>> "$WORK/compose.log"
  expect "$service after SIGTERM ends with" 0 "$(podman inspect --format '{{.State.ExitCode}}' "$container")"
done

step "all of it passed"
