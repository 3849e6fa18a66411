# Where things are kept. Sourced by ./x and by the scripts, from the root of the checkout.

export MESSAGE_CENTER_CACHE="${MESSAGE_CENTER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/message-center}"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$MESSAGE_CENTER_CACHE/target}"
export PATH="$MESSAGE_CENTER_CACHE/tools/bin:$MESSAGE_CENTER_CACHE/node/node_modules/.bin:$PATH:$HOME/.cargo/bin"
export npm_config_cache="${npm_config_cache:-$MESSAGE_CENTER_CACHE/npm}"
export npm_config_fund=false npm_config_audit=false npm_config_update_notifier=false
export MC_PROFILE="${MC_PROFILE:-dev}"

say() {
    printf '\033[1m▸ %s\033[0m\n' "$*" >&2
}

die() {
    printf 'x: %s\n' "$*" >&2
    exit 1
}

have() {
    command -v "$1" >/dev/null 2>&1
}

# The folder that cargo gives to a profile.
profile_folder() {
    case $MC_PROFILE in
    dev | test) echo debug ;;
    *) echo "$MC_PROFILE" ;;
    esac
}

server_binary() {
    echo "$CARGO_TARGET_DIR/$(profile_folder)/message-center"
}

# The version of a crate that Cargo.lock pins.
locked_version() {
    awk -v name="$1" '$0 == "name = \"" name "\"" { getline; gsub(/version = |"/, ""); print; exit }' Cargo.lock
}
