#!/bin/sh
# Instructions per character of the segmenter, which do not depend on how busy the machine is.  Called by run.sh; prints one
# row, or says that valgrind is missing.  The difference of two texts leaves out what does not grow with the text.
set -u
O=${O:-build}
command -v valgrind >/dev/null || { echo "# segment: no instruction count, valgrind is not installed"; exit 0; }
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
head -n 40 "$O/news.txt" >"$tmp/a"; head -n 80 "$O/news.txt" >"$tmp/b"
count() {
    BENCH_QUICK=1 valgrind --tool=callgrind --callgrind-out-file="$tmp/out" "$O/bench/bench_segment" "$O/zh.dslex" "$1" \
        >/dev/null 2>"$tmp/log" || return 1
    sed -n 's/.*Collected : *\([0-9]*\).*/\1/p' "$tmp/log"
}
a=$(count "$tmp/a") && b=$(count "$tmp/b") || { echo "# segment: valgrind failed"; exit 0; }
chars=$(($(wc -m <"$tmp/b") - $(wc -m <"$tmp/a")))
passes=$(sed -n 's/.*BENCH_RUNS = \([0-9]*\).*/\1/p' tests/bench/bench.h)
awk -v d=$((b - a)) -v n="$chars" -v p="$passes" \
    'BEGIN { printf "segment, instructions\tper character\t%.0f\t-\t-\t-\t%d\t-\n", d / n / (p + 1), n }'
