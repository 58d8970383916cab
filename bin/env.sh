# shellcheck shell=bash disable=SC2034
# Sourced by the scripts beside it: where we are, which toolchain builds, and how the scripts speak.

cd "$(dirname "${BASH_SOURCE[0]}")/.."
export TARGET_DIR=${CARGO_TARGET_DIR:-target}
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/eventify
WASM=wasm32-unknown-unknown
# What cargo builds for this machine lies here (.cargo/config.toml names the target).
BUILT=$TARGET_DIR/$(rustc -vV | sed -n 's/^host: //p')

# Written by bin/setup where rustup could not fetch the browser's target: the toolchain it made then.
# It has no clippy nor rustfmt; those stay rustup's.
LINT=(cargo)
if [ -s "$CACHE/toolchain" ]; then
    RUSTUP_TOOLCHAIN=$(cat "$CACHE/toolchain")
    export RUSTUP_TOOLCHAIN
    LINT=(env -u RUSTUP_TOOLCHAIN cargo)
fi

# All that runs on the host, always selected together: cargo unites the features of what it builds in one run, so
# another selection would build half the dependencies again. The frontend is never among them (`ssr` and `hydrate`
# must not meet).
HOST=(-p operation -p operation-macros -p eventify-kernel -p eventify-core -p 'area-*' -p eventify -p eventify-ui -p eventify-app -p eventify-server
    -p eventify-bench -p eventify-gate -p eventify-live
    --features eventify/ssr,eventify-ui/ssr,eventify-app/ssr,operation/ssr)
# The same for debug builds, which hold the tests' helpers too: a test then builds nothing a second time.
DEBUG=("${HOST[@]}" --features eventify/testing)

# CI must not change Cargo.lock; a developer who adds a dependency must.
LOCKED=()
[ -z "${CI:-}" ] || LOCKED=(--locked)

# say TEXT: one line, with the seconds since the script started.
say() { printf '%4ss  %s\n' "$SECONDS" "$*"; }

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

# The program that makes the site. It is built apart and optimised: see [profile.tool] in Cargo.toml.
build_site_tool() { cargo build --quiet "${LOCKED[@]}" --profile tool -p eventify-site; }

# build_site FOLDER [--release]: the frontend and Live, then all that the server serves from FOLDER.
build_site() {
    # Debug builds of Live have doors for tests; with PROOF=1 the released one has, too.
    local out=$1 profile=dev folder=debug doors=(--features eventify-live/proof)
    shift
    if [ "${1:-}" = --release ]; then
        profile=wasm-release folder=wasm-release
        [ -n "${PROOF:-}" ] || doors=()
    fi
    cargo build --quiet "${LOCKED[@]}" --profile "$profile" -p eventify-frontend -p eventify-live "${doors[@]}" --target "$WASM"
    build_site_tool
    "$BUILT/tool/site" build "$@" --out "$out" --first way_in --wasm "$TARGET_DIR/$WASM/$folder/frontend.wasm" \
        --also live="$TARGET_DIR/$WASM/$folder/live.wasm"
}

build_server() { cargo build --quiet "${LOCKED[@]}" "${DEBUG[@]}" --bin eventify; }
