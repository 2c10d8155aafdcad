#!/bin/sh
# Runs every program in $O/bench, writes its rows to $O/bench.tsv and shows them as a table.  Called by `make bench`.
#
# A program prints TSV rows on standard output: name unit ours peer peers_figure ratio items checksum.
# Lines that begin with # are remarks, such as a peer that is not installed; they are shown below the table.
set -u
O=${O:-build}
rows=$O/bench.tsv; all=$(mktemp); trap 'rm -f "$all"' EXIT
failed=0; ran=0

# What the benchmarks of whole texts run on, and against.
NEWS_BYTES=${NEWS_BYTES:-8000000}; NEWS_SEED=${NEWS_SEED:-1}
echo "# news.txt: $NEWS_BYTES bytes by tests/bench/gen_news.lua, seed $NEWS_SEED" >>"$all"
"$O/dsrun" --trust -q tests/bench/gen_news.lua "$NEWS_BYTES" "$NEWS_SEED" text >"$O/news.txt" || exit 1
sh tests/bench/peers.sh >>"$all"

for x in "$O"/bench/*; do
    case "$x" in *.d) continue ;; esac
    [ -f "$x" ] && [ -x "$x" ] || continue
    echo "running $(basename "$x")" >&2
    "$x" >>"$all" || { echo "$(basename "$x") failed" >&2; failed=$((failed + 1)); }
    ran=$((ran + 1))
done
echo "running bench_pattern.lua" >&2
${LUA:-lua5.4} tests/bench/bench_pattern.lua "$O" >>"$all" || failed=$((failed + 1))
sh tests/bench/callgrind.sh >>"$all"
echo 'running host.py' >&2
python3 tests/bench/host.py "$O" >>"$all" || { echo 'host.py failed' >&2; failed=$((failed + 1)); }
echo 'running store_commands.py' >&2
python3 tests/bench/store_commands.py "$O" >>"$all" || { echo 'store_commands.py failed' >&2; failed=$((failed + 1)); }
"${LUA:-lua5.4}" tests/bench/bench_read.lua "$O" >>"$all" || { echo "bench_read failed" >&2; failed=$((failed + 1)); }
[ "$ran" -gt 0 ] || { echo "no benchmark in $O/bench" >&2; exit 1; }

{ printf 'name\tunit\tours\tpeer\tpeers_figure\tratio\titems\tchecksum\n'; grep -v '^#' "$all"; } >"$rows.part" &&
    mv "$rows.part" "$rows" || exit 1
awk -F '\t' '
    { for (i = 1; i <= NF; i++) { cell[NR, i] = $i; if (length($i) > wide[i]) wide[i] = length($i) } fields[NR] = NF }
    END {
        for (r = 1; r <= NR; r++) {
            line = ""
            for (i = 1; i <= fields[r]; i++)
                line = line sprintf((i == 1 || i == 2 || i == 4) ? "%-" wide[i] "s  " : "%" wide[i] "s  ", cell[r, i])
            sub(/ +$/, "", line)
            print line
        }
    }' "$rows"
grep '^#' "$all"
[ "$failed" = 0 ]
