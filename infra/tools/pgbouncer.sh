#!/usr/bin/env bash
# Has PgBouncer there for the tests that go through a transaction pooler (tests/support/pooler.py). Root on Debian or
# Ubuntu gets the package, without its service; everybody else is told what to install. Where it cannot be had this
# still succeeds: `make test` then skips those tests and says so, `make test-pooler` fails.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

LOG=.local/setup/pgbouncer.log
POLICY=/usr/sbin/policy-rc.d # asked by Debian's packages before they start a service
PATIENCE_SECONDS=120

say() { printf '%s\n' "$*" >&2; }
is_there() { PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v pgbouncer >/dev/null; }

install_package() {
    timeout "$PATIENCE_SECONDS" apt-get update &&
        DEBIAN_FRONTEND=noninteractive timeout "$PATIENCE_SECONDS" \
            apt-get install -y --no-install-recommends pgbouncer &&
        { ! command -v systemctl >/dev/null || systemctl disable pgbouncer || true; }
}

is_there && exit
if [[ $EUID -eq 0 ]] && command -v apt-get >/dev/null; then
    say "Installing PgBouncer, which some tests go through"
    mkdir -p "$(dirname "$LOG")"
    if [[ ! -e $POLICY ]]; then
        trap 'rm -f "$POLICY"' EXIT
        printf '#!/bin/sh\nexit 101\n' >"$POLICY"
        chmod +x "$POLICY"
    fi
    install_package >"$LOG" 2>&1 && is_there && exit
    tail -n 3 "$LOG" >&2
fi
say "PgBouncer is not installed: tests through a transaction pooler are skipped." \
    "On Debian or Ubuntu: apt-get install pgbouncer"
