#!/usr/bin/env bash
# Builds the console (functions/http_console/web) into functions/http_console/dist, from where the function serves it and
# the deployment takes it. When nothing that it is made of has changed since the last time this returns at once, without
# the network; packages are fetched only when their lock has changed.
#
#   infra/tools/web.sh            # build, unless it is built; without Node.js say so, and everything else still runs
#   infra/tools/web.sh --check    # also lint, types and unit tests of the sources, unless these sources have passed
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

WEB=functions/http_console/web
DIST=functions/http_console/dist
LOGS=.local/setup
NEEDED=20
LACKING="To build it, Node.js $NEEDED or newer with npm is needed: https://nodejs.org, or apt-get install nodejs npm."

say() { printf '%s\n' "$*" >&2; }
fail() {
    say "web: $*"
    exit 1
}

hash_of() { # files or folders, in one order whatever the machine's language
    find "$@" -type f -not -path '*/node_modules/*' -not -path '*/generated/*' -print0 |
        LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1
}
packages_key() { hash_of "$WEB/package.json" "$WEB/package-lock.json" "$WEB/.npmrc"; }
sources_key() { hash_of "$WEB" shared/openapi infra/tools/web.sh; }
is_made_of() { [[ -f $1/.made-of && $(<"$1/.made-of") == "$2" ]]; }

has_node() {
    local version
    version=$(node --version 2>/dev/null) || version=v0
    version=${version#v}
    ((${version%%.*} >= NEEDED)) && command -v npm >/dev/null
}

run() { # a step, its command; what it says is shown only when it fails
    local step=$1 log=$LOGS/web.log
    shift
    (cd "$WEB" && "$@") >"$log" 2>&1 9>&- || {
        tail -n 40 "$log" >&2
        fail "$step failed"
    }
}

main() {
    local packages sources checked=0
    [[ ${1:-} == --check ]] && checked=1
    packages=$(packages_key)
    sources=$(sources_key)
    if is_made_of "$DIST" "$sources" && { ((checked == 0)) || is_made_of "$WEB/node_modules/.checked" "$sources"; }; then
        return
    fi
    if ! has_node; then
        ((checked)) && fail "$LACKING"
        say "web: without the console. $LACKING"
        return
    fi
    mkdir -p "$LOGS"
    if command -v flock >/dev/null; then
        exec 9>"$LOGS/web.lock"
        flock 9
    fi
    if ! is_made_of "$WEB/node_modules" "$packages"; then
        say "Fetching the console's packages: half a minute"
        run "npm ci" npm ci --ignore-scripts --no-audit --no-fund
        echo "$packages" >"$WEB/node_modules/.made-of"
    fi
    run "reading the OpenAPI documents" npm run --silent api
    if ((checked)) && ! is_made_of "$WEB/node_modules/.checked" "$sources"; then
        say "Checking the console's sources"
        run "npm run check" npm run --silent check
        mkdir -p "$WEB/node_modules/.checked"
        echo "$sources" >"$WEB/node_modules/.checked/.made-of"
    fi
    if ! is_made_of "$DIST" "$sources"; then
        run "npm run build" npm run --silent build
        echo "$sources" >"$DIST/.made-of"
    fi
}

main "$@"
