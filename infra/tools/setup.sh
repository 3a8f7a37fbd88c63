#!/usr/bin/env bash
# Prepares the three Python environments of this folder: `.venv` (the application, its tests and tools),
# `.venv-localstack` (LocalStack, which needs older packages: infra/local/localstack/README.md) and `.venv-speech`
# (storage_voice, which needs torch: what its container image holds, and pytest). Nothing is installed outside the folder,
# except Debian packages where root runs this and they are missing: Python's venv module, Tesseract with its languages
# (storage_documents), fonts (the tests' documents) and Chromium (the console's tests). When the locks are those of the
# last run and they are there this returns at once.
#
#   PYTHON=/path/to/python3.11 make setup     # to choose the interpreter
#   PIP_EXTRA_INDEX_URL=… make setup          # an index with a torch that has no CUDA: 2 GB less
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

APPLICATION=.venv
LOCALSTACK=.venv-localstack
SPEECH=.venv-speech
SPEECH_LOCK=functions/storage_voice/requirements.txt
EXECUTOR=infra/local/localstack/executor
LOGS=.local/setup
HEARTBEAT_SECONDS=15

say() { printf '%s\n' "$*" >&2; }
fail() {
    say "setup: $*"
    exit 1
}

# What an environment was made of: its lock, this script, and the folder, because an environment cannot be moved.
key() { cat "$@" infra/tools/setup.sh <(pwd) | sha256sum | cut -d ' ' -f 1; }
application_key() { key requirements.txt; }
localstack_key() { key infra/local/localstack/requirements.txt "$EXECUTOR/pyproject.toml"; }
speech_key() { key "$SPEECH_LOCK" requirements.txt; }

ready() { # environment, key
    [[ -f $1/.made-of && $(<"$1/.made-of") == "$2" ]] && "$1/bin/python" -c '' 2>/dev/null
}

# Debian packages that no Python environment can hold, and a file of each by which it is known. Others than Debian have
# them under other names: whoever has the programs is asked for nothing.
TESSDATA=${TESSDATA_PREFIX:-/usr/share/tesseract-ocr/5/tessdata}
have_fonts() { compgen -G "/usr/share/fonts/*/*/*$1*" >/dev/null || compgen -G "/usr/share/fonts/*/*$1*" >/dev/null; }
missing_packages() {
    command -v tesseract >/dev/null || echo tesseract-ocr
    local language
    for language in rus eng osd; do
        [[ -e $TESSDATA/$language.traineddata ]] || echo "tesseract-ocr-$language"
    done
    have_fonts Liberation || echo fonts-liberation
    have_fonts DejaVuSans-Bold || echo fonts-dejavu-core
    have_fonts DejaVuSerifCondensed || echo fonts-dejavu-extra
    command -v chromium >/dev/null || command -v google-chrome >/dev/null || echo chromium
}

# Never a failure: everything else works without them, and what does not says so itself.
have_packages() {
    local -a missing
    mapfile -t missing < <(missing_packages)
    ((${#missing[@]} == 0)) && return
    if [[ $EUID -eq 0 ]] && command -v apt-get >/dev/null; then
        say "Installing ${missing[*]}: reading documents, and the tests of that and of the console, need them"
        mkdir -p "$LOGS"
        (apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}") \
            >"$LOGS/apt-packages.log" 2>&1 || tail -n 5 "$LOGS/apt-packages.log" >&2
        mapfile -t missing < <(missing_packages)
        ((${#missing[@]} == 0)) && return
    fi
    say "setup: not installed: ${missing[*]}. Documents cannot be read, or their tests run, until an administrator does:" \
        "apt-get install ${missing[*]}"
}

is_usable() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
can_make_environments() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }

# The first interpreter that runs: a version manager's shim may be there and yet start nothing.
find_python() {
    local name candidate
    if [[ -n ${PYTHON:-} ]]; then
        is_usable "$PYTHON" || fail "PYTHON=$PYTHON does not start, or is older than 3.11."
        echo "$PYTHON"
        return
    fi
    for name in python3.11 python3.12 python3; do
        while read -r candidate; do
            if is_usable "$candidate"; then
                echo "$candidate"
                return
            fi
        done < <(
            type -aP "$name"
            compgen -G "${PYENV_ROOT:-${HOME:-}/.pyenv}/versions/*/bin/$name"
        )
    done
    fail "Python 3.11 or 3.12 is needed. On Debian or Ubuntu: apt-get install python3 python3-venv;" \
        "or name one: PYTHON=/path/to/python3.11 make setup"
}

have_venv() { # python
    can_make_environments "$1" && return
    local package
    package=$("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [[ $EUID -eq 0 ]] && command -v apt-get >/dev/null; then
        say "Installing $package, which this Python lacks"
        mkdir -p "$LOGS"
        if (apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$package") \
            >"$LOGS/apt.log" 2>&1 && can_make_environments "$1"; then
            return
        fi
        tail -n 5 "$LOGS/apt.log" >&2
    fi
    fail "$1 cannot make virtual environments. On Debian or Ubuntu: apt-get install $package;" \
        "or name another Python: PYTHON=/path/to/python3.11 make setup"
}

make_environment() { # python, folder
    [[ -L $2 ]] && fail "$2 is a link to another checkout's environment; remove it, and make setup makes one of its own."
    if ! "$2/bin/python" -m pip --version >/dev/null 2>&1; then
        rm -rf "$2"
        "$1" -m venv "$2"
    fi
    rm -f "$2/.made-of"
}

pip_install() { # environment, arguments of pip install
    local environment=$1
    shift
    "$environment/bin/python" -m pip --disable-pip-version-check install --progress-bar off "$@"
}

add_layer() { # environment; so that its python finds the layer without being told
    echo "$PWD/layers/salon/python" >"$("$1/bin/python" -c \
        'import sysconfig; print(sysconfig.get_path("purelib"))')/salon-layer.pth"
}

make_application() { # python, key
    make_environment "$1" "$APPLICATION"
    pip_install "$APPLICATION" -r requirements.txt
    add_layer "$APPLICATION"
    echo "$2" >"$APPLICATION/.made-of"
}

make_localstack() { # python, key
    make_environment "$1" "$LOCALSTACK"
    pip_install "$LOCALSTACK" -r infra/local/localstack/requirements.txt
    pip_install "$LOCALSTACK" --no-deps --editable "$EXECUTOR"
    echo "$2" >"$LOCALSTACK/.made-of"
}

make_speech() { # python, key
    make_environment "$1" "$SPEECH"
    # Torch alone comes with whatever its build needs (nothing on a CPU, CUDA's libraries from the public index). The lock
    # names all the rest, so nothing pulls in triton: a gigabyte that only a GPU has a use for.
    pip_install "$SPEECH" -c "$SPEECH_LOCK" "$(grep '^torch==' "$SPEECH_LOCK")"
    pip_install "$SPEECH" --no-deps -r "$SPEECH_LOCK"
    "$SPEECH/bin/python" -m pip --disable-pip-version-check uninstall --yes triton
    pip_install "$SPEECH" -c requirements.txt coverage pytest pytest-socket pytest-timeout
    add_layer "$SPEECH"
    "$SPEECH/bin/python" -c 'import av, onnxruntime, whisper' || {
        echo "The packages are there and do not load: with a torch for CUDA, try PIP_EXTRA_INDEX_URL (infra/tools/setup.sh)"
        return 1
    }
    echo "$2" >"$SPEECH/.made-of"
}

# Wait for a background job, with a sign of life now and then.
wait_for() { # process id, environment, log
    local started=$SECONDS
    while kill -0 "$1" 2>/dev/null; do
        sleep 0.2
        if ((SECONDS - started >= HEARTBEAT_SECONDS)); then
            started=$SECONDS
            say "  $2, ${SECONDS} s: $(grep -v WARNING "$3" | tail -n 1 | cut -c 1-90)"
        fi
    done
    if ! wait "$1"; then
        say "  $2 failed; the end of $3:"
        tail -n 25 "$3" >&2
        return 1
    fi
    say "  $2 is ready"
}

main() {
    local application localstack speech python failed=0
    local -a jobs=()
    application=$(application_key)
    localstack=$(localstack_key)
    speech=$(speech_key)
    have_packages
    if ready "$APPLICATION" "$application" && ready "$LOCALSTACK" "$localstack" && ready "$SPEECH" "$speech"; then
        return
    fi
    mkdir -p "$LOGS"
    if command -v flock >/dev/null; then
        exec 9>"$LOGS/lock"
        flock -n 9 || { say "Another setup is at work here: waiting for it" && flock 9; }
    fi
    python=$(find_python)
    have_venv "$python"
    if ! ready "$APPLICATION" "$application"; then
        say "Installing the application's packages into $APPLICATION ($("$python" --version)): about a minute"
        (set -e; make_application "$python" "$application") >"$LOGS/application.log" 2>&1 9>&- &
        jobs+=("$! $APPLICATION $LOGS/application.log")
    fi
    if ! ready "$LOCALSTACK" "$localstack"; then
        say "Installing LocalStack into $LOCALSTACK: about a minute, half a gigabyte"
        (set -e; make_localstack "$python" "$localstack") >"$LOGS/localstack.log" 2>&1 9>&- &
        jobs+=("$! $LOCALSTACK $LOGS/localstack.log")
    fi
    if ! ready "$SPEECH" "$speech"; then
        say "Installing speech recognition into $SPEECH: about a minute, 1.4 GB (torch)"
        (set -e; make_speech "$python" "$speech") >"$LOGS/speech.log" 2>&1 9>&- &
        jobs+=("$! $SPEECH $LOGS/speech.log")
    fi
    for job in "${jobs[@]+"${jobs[@]}"}"; do
        # shellcheck disable=SC2086 # three words, none with a space
        wait_for $job || failed=1
    done
    ((failed == 0)) || fail "see above; \`make setup\` tries again."
}

main
