#!/bin/sh
# Includes may point only downward: cli > engine > {table, report > write}; engine > capture;
# table > decode > capture > base; write > base. The program reaches the library by its public header.
# usage: check_layers.sh SRC
set -eu
cd "$1"

allowed() {
    case $1 in
    base) echo "base" ;;
    capture) echo "capture base" ;;
    decode) echo "decode capture base" ;;
    table) echo "table decode capture base" ;;
    write) echo "write base" ;;
    report) echo "report write base" ;;
    engine) echo "engine report table write decode capture base" ;;
    cli) echo "cli base" ;;
    esac
}

wrong=0
for file in */*.[ch]; do
    from=${file%%/*}
    for to in $(sed -n 's|^#include "\([a-z]*\)/.*|\1|p' "$file" | sort -u); do
        case " $(allowed "$from") " in
        *" $to "*) ;;
        *)
            echo "src/$file includes src/$to, which is not below src/$from"
            wrong=1
            ;;
        esac
    done
done
[ $wrong -eq 0 ] && echo "all includes point downward"
exit $wrong
