#!/usr/bin/env bash
# Everything `make test` runs, in the order in which it fails fastest. $1: the folder with python.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$1

# Servers that PyPI does not carry. Installed only in CI or as root with YES=1; else their tests
# are skipped, with a count in pytest's summary.
wanted=()
command -v redis-server >/dev/null || wanted+=(redis-server)
command -v redis-cli >/dev/null || wanted+=(redis-tools)
command -v promtool >/dev/null || wanted+=(prometheus)
if [ ${#wanted[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && { [ "${CI:-}" = true ] || [ "${YES:-}" = 1 ]; } && command -v apt-get >/dev/null; then
    echo "installing Debian packages: ${wanted[*]}"
    export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
    apt-get update -qq && apt-get install -y -qq --no-install-recommends "${wanted[@]}" >/dev/null \
      || echo "could not install ${wanted[*]}; their tests are skipped"
  else
    echo "tests that need ${wanted[*]} are skipped; to run them too: sudo apt-get install ${wanted[*]}"
    echo "(or, as root: YES=1 make test)"
  fi
fi

step() { echo "── $1"; shift; "$@"; }
step "format" "$bin/ruff" format --check --quiet .
step "lint" "$bin/ruff" check --quiet .
step "types" "$bin/mypy"
step "import contracts" "$bin/lint-imports" --no-cache
step "generated documents" "$bin/python" docs/generate.py --check
# The model is trained and measured beside the tests: one core each, and four minutes saved.
measured=$(mktemp)
nice "$bin/python" benchmarks/quality.py > "$measured" 2>&1 &
quality=$!
trap 'kill $quality 2> /dev/null || true; rm -f "$measured"' EXIT
step "tests" "$bin/python" -m pytest -q --durations=15 --durations-min=5
echo "── quality"
wait $quality && code=0 || code=$?
cat "$measured"
exit $code
