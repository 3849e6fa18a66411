# Installs what building and testing need and this machine lacks, saying what and why. Sourced after env.sh.

cargo_make_version=0.37.24
cargo_deny_version=0.20.2
cargo_machete_version=0.9.2
wasm_split_version=0.2.4
least_rust_minor=95
least_node_major=20

need_build_tools() {
    need_rust
    need_node
    need_cargo_tool cargo-make "$cargo_make_version" "runs the build tasks" --locked --no-default-features
    need_wasm_target
    need_wasm_bindgen
    have wasm-split-cli || cargo_install wasm_split_cli_support "$wasm_split_version" "cuts the WebAssembly into bundles of pages" --locked --features build-binary
    need_npm_packages style "Tailwind, daisyUI and wasm-opt, for the browser half"
}

need_check_tools() {
    cargo clippy --version >/dev/null 2>&1 && cargo fmt --version >/dev/null 2>&1 ||
        die "clippy or rustfmt is missing: rustup component add clippy rustfmt"
    need_cargo_tool cargo-deny "$cargo_deny_version" "checks licences and sources of dependencies" --locked --no-default-features
    need_cargo_tool cargo-machete "$cargo_machete_version" "finds unused dependencies" --locked
}

need_fuzz_tools() {
    have c++ || apt_install "compiles libFuzzer, for fuzzing the parsers" g++
}

need_browser() {
    chromium=$(chromium_path) || {
        apt_install "the browser for the browser tests" chromium
        chromium=$(chromium_path) || die "Chromium is missing: install it, or set CHROMIUM to its path"
    }
    export CHROMIUM="$chromium"
    need_npm_packages end2end "Playwright and axe, for the browser tests"
}

need_prometheus() {
    # The package would start a server of its own; at this runlevel it does not.
    have promtool || RUNLEVEL=1 apt_install "evaluates the alerts of deploy/ against a running server" prometheus
}

need_smpp_peer() {
    need_npm_packages crates/smpp/tests/peers/node-smpp "node-smpp, an independent SMPP implementation to test ours against"
    export MC_NODE_SMPP=1
    need_smpp34
}

# Optimised: the bench measures against it, too.
need_smpp34() {
    peer=crates/smpp/tests/peers/smpp34
    cargo build --quiet --locked --release --manifest-path "$peer/Cargo.toml" --target-dir "$CARGO_TARGET_DIR/peers" >&2 ||
        die "the SMSC of the crate smpp34 does not build: $peer"
    export MC_SMPP34="$CARGO_TARGET_DIR/peers/release/smpp34-peer"
}

need_smtp_peer() {
    need_npm_packages server/tests/peers/smtp "smtp-server, an independent mail server to test ours against"
    export MC_SMTP_PEER=1
}

chromium_path() {
    if [ -n "${CHROMIUM:-}" ]; then
        echo "$CHROMIUM"
        return
    fi
    for name in chromium chromium-browser google-chrome; do
        command -v "$name" && return
    done
    return 1
}

need_rust() {
    if ! have cargo; then
        have curl || apt_install "downloads the Rust toolchain" curl ca-certificates
        say "Installing Rust through rustup (the compiler of everything here)"
        if installer=$(curl --proto '=https' --tlsv1.2 --connect-timeout 20 -sSf https://sh.rustup.rs); then
            echo "$installer" | sh -s -- -y --profile minimal --component clippy --component rustfmt
        else
            apt_install "Rust, for rustup cannot be reached from here" cargo-web rustc-web
        fi
        have cargo || die "Rust is missing: see https://rustup.rs"
    fi
    minor=$(rustc --version | sed 's/^rustc 1\.\([0-9]*\).*/\1/')
    [ "$minor" -ge "$least_rust_minor" ] || die "Rust 1.$least_rust_minor or newer is needed, this is $(rustc --version): rustup update"
    have cc || apt_install "C compiler and linker, for native dependencies" build-essential pkg-config
}

need_node() {
    have npm || apt_install "Node.js builds the style sheet" nodejs npm
    major=$(node --version | sed 's/^v\([0-9]*\).*/\1/')
    [ "$major" -ge "$least_node_major" ] && return
    say "Installing Node.js 22 from npm: Tailwind needs $least_node_major or newer and this machine has $major"
    npm install --silent --prefix "$MESSAGE_CENTER_CACHE/node" node@22 || die "Node.js $least_node_major or newer is needed"
}

# need_cargo_tool NAME VERSION WHY [OPTION…]
need_cargo_tool() {
    tool=$1 version=$2 why=$3
    shift 3
    # A later version than the one that is pinned does as well.
    have "$tool" && return
    cargo_install "$tool" "$version" "$why" "$@"
}

# A tool runs for seconds and compiles for minutes: it is built with little optimisation.
cargo_install() {
    tool=$1 version=$2 why=$3
    shift 3
    say "Installing $tool $version ($why): some two minutes, once"
    CARGO_TARGET_DIR="$MESSAGE_CENTER_CACHE/tools-target" CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=off \
        CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_DEBUG=false \
        cargo install --quiet --root "$MESSAGE_CENTER_CACHE/tools" "$@" "$tool@$version"
}

# The command must match the crate exactly. Without --locked: a registry that lags behind may lack a version in its lock file.
need_wasm_bindgen() {
    version=$(locked_version wasm-bindgen)
    case $(wasm-bindgen --version 2>/dev/null) in
    "wasm-bindgen $version"*) return ;;
    esac
    cargo_install wasm-bindgen-cli "$version" "connects the WebAssembly of the pages with the browser"
}

# WebAssembly, in order of preference: the target is installed; rustup installs it; Debian's compiler with the sources of
# std, on machines that reach package registries only (there rustup hangs, hence the time limit).
need_wasm_target() {
    memory="$MESSAGE_CENTER_CACHE/wasm-toolchain"
    if [ -d "$(rustc --print target-libdir --target wasm32-unknown-unknown 2>/dev/null)" ]; then
        MC_WASM_TOOLCHAIN=default
    elif [ "$(cat "$memory" 2>/dev/null)" = debian ] && debian_wasm_works; then
        MC_WASM_TOOLCHAIN=debian
    else
        say "Adding the WebAssembly target to Rust (the pages run in the browser too)"
        if have rustup && timeout 20 rustup target add wasm32-unknown-unknown; then
            MC_WASM_TOOLCHAIN=default
        else
            say "rustup cannot fetch it here: using Debian's Rust packages for the browser half"
            debian_wasm_works ||
                apt_install "Rust for WebAssembly" rustc-web rust-web-src rust-web-llvm "$(debian_lld)"
            debian_wasm_works || die "no way to compile WebAssembly: rustup target add wasm32-unknown-unknown"
            MC_WASM_TOOLCHAIN=debian
        fi
    fi
    mkdir -p "$MESSAGE_CENTER_CACHE"
    echo "$MC_WASM_TOOLCHAIN" >"$memory"
    export MC_WASM_TOOLCHAIN
}

debian_wasm_works() {
    [ -x /usr/bin/rustc ] && [ -f "$(/usr/bin/rustc --print sysroot)/lib/rustlib/src/rust/library/std/Cargo.toml" ] &&
        have rust-lld
}

# rust-lld of rust-web-llvm is a link to the lld of the LLVM that the package was built with.
debian_lld() {
    apt-cache depends rust-web-llvm | sed -n 's/^ *Depends: llvm-\([0-9]*\)$/lld-\1/p'
}

# npm packages come from the lock file, and again only when it changed.
need_npm_packages() {
    folder=$1 why=$2
    stamp="$folder/node_modules/.installed"
    if ! cmp -s "$folder/package-lock.json" "$stamp"; then
        say "Installing npm packages of $folder/ ($why)"
        (cd "$folder" && npm ci --loglevel=error) || die "npm could not install the packages of $folder/"
        cp "$folder/package-lock.json" "$stamp"
    fi
}

# apt_install WHY PACKAGE…
apt_install() {
    why=$1
    shift
    have apt-get || die "missing: $* ($why). This machine has no apt: install them with its package manager"
    say "Installing Debian packages: $* ($why)"
    if [ "$(id -u)" -eq 0 ]; then as_root=''; else as_root=sudo; fi
    if [ -z "${apt_updated:-}" ]; then
        $as_root apt-get update -qq
        apt_updated=yes
    fi
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}
