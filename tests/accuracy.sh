#!/bin/sh
# Accuracy on the development sets, beside jieba where it is installed.  Called by `make accuracy`; writes build/accuracy.tsv.
set -u
O=${O:-build}; DEV=${DEV:-../shared/dev}; LUA=${LUA:-lua5.4}
out="$O/accuracy.tsv"
if [ ! -d "$DEV" ]; then
    echo "accuracy: no development data in $DEV; name its folder with DEV=PATH"
    exit 0
fi
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
printf 'name\tmetric\tours\tpeer\tpeers_figure\tn\n' | tee "$out"
row() { printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$@" | tee -a "$out"; }
f1() { python3 "$DEV/seg/segscore.py" "$1" "$2" --json | python3 -c 'import json,sys; d=json.load(sys.stdin); print(d["F1"], d["gold_words"])'; }
for set in pku as gsdsimp-dev; do
    [ -f "$DEV/seg/$set.raw" ] || continue
    "$O/dsrun" segment -q -f text - <"$DEV/seg/$set.raw" >"$tmp/ours"
    set -- $(f1 "$DEV/seg/$set.txt" "$tmp/ours") "$set"
    peer=-
    if /usr/bin/python3 -c 'import jieba' 2>/dev/null; then
        /usr/bin/python3 - "$DEV/seg/$set.raw" >"$tmp/peer" 2>/dev/null <<'PY'
import sys, jieba
for line in open(sys.argv[1], encoding="utf-8"):
    print(" ".join(w for w in jieba.cut(line.rstrip("\n")) if w.strip()))
PY
        peer=$(f1 "$DEV/seg/$3.txt" "$tmp/peer" | cut -d' ' -f1)
    fi
    row "segment $3" F1 "$1" jieba "$peer" "$2"
done
score() { python3 "$DEV/score.py" "$1" "$DEV/gold/$1.tsv" "$tmp/$1.jsonl"; }
articles="$DEV/articles"; [ ! -d "$DEV/../seeds" ] || articles="$DEV/../seeds $articles"
"$O/dsrun" stance -q -f jsonl $articles >"$tmp/stance.jsonl"
set -- $(score stance | python3 -c 'import json,sys; d=json.load(sys.stdin)["clear"]; print(d["macro_f1"], d["neg"]["f1"], d["pos"]["f1"], d["n"], "%s-%s" % tuple(d["macro_f1_95"]))')
row "stance clear ($5)" macro-F1 "$1" all-neutral 0.26 "$4"
row "stance neg" F1 "$2" all-neutral 0 "$4"
row "stance pos" F1 "$3" all-neutral 0 "$4"
"$O/dsrun" pricewar -q -f jsonl $articles >"$tmp/pricewar.jsonl"
set -- $(score pricewar | python3 -c 'import json,sys; d=json.load(sys.stdin); print(d["share"], d["cells"])')
row pricewar "share of exact counts" "$1" - - "$2"
