#!/usr/bin/env bash
# Makes .venv with the locked installer in it. On a bare Debian the venv module has no pip
# of its own to hand over; as root we install what it lacks, else we say how.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  echo "Python 3.11 or newer is needed, as 'python3' on the path. On Debian: apt-get install python3" >&2
  exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null
  else
    echo "Python's venv module is not complete here. Run: sudo apt-get install python3-venv" >&2
    exit 1
  fi
fi
echo "Setting up .venv (the first time takes a minute or two) …"
[ -x .venv/bin/python ] || "$python" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/setup.lock
