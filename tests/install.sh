#!/bin/bash
# What is installed is all there and works from where it lies: the program, the library and what it shows, programs
# that find it by CMake and by pkg-config, manual pages, completions, and the Debian packages, which are installed and
# removed again where this is root's machine to do so.
# usage: install.sh BUILD-FOLDER DATA-FOLDER
set -u
build=$1 data=$2
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0 passed=0

check() {
    local what=$1
    shift
    if "$@" >log 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "$what: $(tail -n 5 log)"
    fi
}

same() { diff <(echo "$1") <(echo "$2"); }

check "installing" cmake --install "$build" --prefix "$work/usr"
library=$(find usr -name 'libpcapmill.so.0')
[ -n "$library" ] || { echo "no libpcapmill.so.0"; exit 1; }
lib=$work/$(dirname "$library")

# Exactly what the headers declare can be seen from outside.
declared=$(cat usr/include/pcapmill/*.h | tr '\n' ' ' | grep -oE 'PM_API [^;]*' | grep -oE '\bpm_[a-z0-9_]+\(' |
    tr -d '(' | sort -u)
check "symbols" same "$(nm -D --defined-only "$library" | awk '$2 != "A" {print $3}' | sed 's/@.*//' | sort)" "$declared"

cat >consumer.c <<'END'
#include <pcapmill/pcapmill.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    const char *paths[] = {argv[argc - 1]};
    struct pm_analysis *analysis;
    struct pm_options options;
    struct pm_error error;

    pm_options_init(&options);
    if (pm_analyze(paths, 1, &options, &analysis, &error) != PM_OK)
        return fprintf(stderr, "%s\n", error.message), 1;
    printf("%llu\n", (unsigned long long)pm_analysis_summary(analysis)->packets);
    pm_analysis_free(analysis);
}
END
mkdir found
cat >found/CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES C)
find_package(pcapmill 0.1 REQUIRED)
add_executable(consumer ../consumer.c)
target_link_libraries(consumer PRIVATE pcapmill::pcapmill)
END
check "find_package" cmake -S found -B found/build -DCMAKE_PREFIX_PATH="$work/usr"
check "a consumer by CMake" cmake --build found/build
check "it works" same "$(found/build/consumer "$data/small.pcap")" 128
export PKG_CONFIG_PATH=$lib/pkgconfig
# shellcheck disable=SC2046
check "a consumer by pkg-config" cc consumer.c -o consumer $(pkg-config --cflags --libs pcapmill)
check "it works, too" same "$(LD_LIBRARY_PATH=$lib ./consumer "$data/small.pcap")" 128

check "the program" usr/bin/pcapmill analyze -q -o small.mill "$data/small.pcap"
check "no allocator in the library" sh -c "! ldd $library | grep jemalloc"
for page in man1/pcapmill.1 man5/pcapmill-tables.5; do
    check "$page" test -s "usr/share/man/$page"
    check "$page without a warning" same "$(groff -man -Tutf8 -ww "usr/share/man/$page" 2>&1 >/dev/null)" ""
done
check "every option in the manual" same "$(usr/bin/pcapmill analyze --help | grep -oE -- '--[a-z-]+' | sort -u |
    while read -r option; do grep -q -- "${option//-/\\\\-}" usr/share/man/man1/pcapmill.1 || echo "$option"; done)" ""

# The completions, by the shells themselves.
complete_bash() {
    bash -c '. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pcapmill; echo "${COMPREPLY[*]}"' \
        usr/share/bash-completion/completions/pcapmill "$@"
}
check "bash: commands" same "$(complete_bash pcapmill an)" analyze
check "bash: options" same "$(complete_bash pcapmill analyze --tun)" --tunnels
check "bash: words" same "$(complete_bash pcapmill analyze --tunnels i)" inner
check "bash: words behind =" same "$(complete_bash pcapmill analyze --render = p)" png
check "bash: files" same "$(complete_bash pcapmill report small)" small.mill
if command -v zsh >/dev/null; then
    check "zsh" zsh -n usr/share/zsh/vendor-completions/_pcapmill
fi
if command -v fish >/dev/null; then
    check "fish" same "$(fish -c "source usr/share/fish/vendor_completions.d/pcapmill.fish
        complete -C 'pcapmill analyze --tunnels i'" | cut -f 1)" inner
fi

check "packing" sh -c "cd '$work' && cpack --config '$build/CPackConfig.cmake' -B '$work/packages'"
check "three packages" same "$(cd packages && ls -- *.deb | sed 's/_.*//' | tr '\n' ' ')" "libpcapmill-dev libpcapmill0 pcapmill "
if [ "$(id -u)" -eq 0 ] && ! dpkg-query -W pcapmill >/dev/null 2>&1; then
    check "dpkg -i" sh -c 'dpkg -i packages/*.deb'
    check "the installed program" /usr/bin/pcapmill analyze -q --force --render none -o small.mill "$data/small.pcap"
    check "the installed library" sh -c "env -u PKG_CONFIG_PATH cc consumer.c -o consumer \$(env -u PKG_CONFIG_PATH pkg-config --cflags --libs pcapmill) && ./consumer '$data/small.pcap'"
    check "dpkg -r" dpkg -r libpcapmill-dev pcapmill libpcapmill0
    check "nothing is left" sh -c '! ls /usr/bin/pcapmill /usr/share/doc/pcapmill /usr/include/pcapmill 2>/dev/null'
else
    echo "skipped: installing the packages, for this is not root or pcapmill is installed"
fi
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
