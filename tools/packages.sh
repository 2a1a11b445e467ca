# Sourced by tools/demo and tools/test: need PACKAGE... installs what is missing, quietly.
# Works as root, or for a user who has sudo.

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

need() {
    missing=""
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed ||
            missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    echo "installing:$missing"
    log=$(mktemp)
    if ! { as_root apt-get update && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y \
        --no-install-recommends $missing; } >"$log" 2>&1; then
        tail -n 20 "$log"
        echo "could not install:$missing"
        return 1
    fi
    rm -f "$log"
}

# What the program is built from and with.
build_packages="gcc g++ cmake ninja-build pkg-config libpcap-dev libjemalloc-dev libjansson-dev
    libxxhash-dev nettle-dev zlib1g-dev libzstd-dev liblzma-dev liblz4-dev libbz2-dev gnuplot-nox"

# What the tests need besides.
test_packages="zstd lz4 xz-utils bzip2 gzip groff-base libcmocka-dev libbenchmark-dev python3 python3-venv
    python3-dpkt python3-pandas python3-scipy python3-sklearn tshark tcpdump argus-client argus-server nfdump
    tcptrace valgrind openjdk-17-jre-headless chromium zsh fish dpkg-dev file"

# What the fuzz targets need.
fuzz_packages="clang libclang-rt-dev"

# Configures and builds a preset; prints only what went wrong.
build() {
    log=$(mktemp)
    if ! { cmake --preset "$1" && cmake --build --preset "$1"; } >"$log" 2>&1; then
        grep -E 'error|warning|Error' "$log" | head -n 40
        tail -n 5 "$log"
        return 1
    fi
    rm -f "$log"
}
