#!/bin/sh
# Accuracy on the development sets, beside jieba where it is installed.  Called by `make accuracy`; writes build/accuracy.tsv.
set -u
O=${O:-build}; DEV=${DEV:-../shared/dev}; LUA=${LUA:-lua5.4}
LAC=${LAC:-/usr/lib/python3/dist-packages/jieba/lac_small}
out="$O/accuracy.tsv"
if [ ! -d "$DEV" ]; then
    echo "accuracy: no development data in $DEV; name its folder with DEV=PATH"
    exit 0
fi
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
printf 'name\tmetric\tours\tpeer\tpeers_figure\tn\n' | tee "$out"
row() { printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$@" | tee -a "$out"; }
f1() { python3 "$DEV/seg/segscore.py" "$1" "$2" --json | python3 -c 'import json,sys; d=json.load(sys.stdin); print(d["F1"], d["gold_words"])'; }
# ---- word segmentation: pku and as are newspapers' words, gsdsimp Universal Dependencies'
sh tests/bench/peers.sh
seg_f1() { f1 "$DEV/seg/$1.txt" "$2" | cut -d' ' -f1; }
seg_peers() { # SET RAW STYLE F1 N: a row for each peer that is there
    none=yes
    if /usr/bin/python3 -c 'import jieba' 2>/dev/null; then
        /usr/bin/python3 tests/bench/bench_jieba.py -w "$2" >"$tmp/peer" && none=
        row "segment $1 ($3)" F1 "$4" jieba "$(seg_f1 "$1" "$tmp/peer")" "$5"
    fi
    if [ -x "$O/peers/icu" ]; then
        "$O/peers/icu" -w "$2" >"$tmp/peer" && none=
        row "segment $1 ($3)" F1 "$4" ICU "$(seg_f1 "$1" "$tmp/peer")" "$5"
    fi
    [ -z "$none" ] || row "segment $1 ($3)" F1 "$4" - - "$5"
}
for set in pku:news as:news gsdsimp-dev:ud; do
    style=${set#*:}; set=${set%:*}; raw="$DEV/seg/$set.raw"
    [ -f "$raw" ] || continue
    "$O/dsrun" segment -q -f text --style "$style" - <"$raw" >"$tmp/ours"
    set -- $(f1 "$DEV/seg/$set.txt" "$tmp/ours") "$set"
    seg_peers "$3" "$raw" "$style" "$1" "$2"
done

# The mode accurate, beside the default one; and the tagger's integers beside float32.
if [ -f "$O/zh.dsnn" ]; then
    for set in pku:news as:news gsdsimp-dev:ud; do
        style=${set#*:}; set=${set%:*}; raw="$DEV/seg/$set.raw"
        [ -f "$raw" ] || continue
        "$O/dsrun" segment -q -f text --style "$style" - <"$raw" >"$tmp/ours"
        "$O/dsrun" segment -q -f text --mode accurate --style "$style" - <"$raw" >"$tmp/accurate"
        set -- $(f1 "$DEV/seg/$set.txt" "$tmp/accurate") "$(seg_f1 "$set" "$tmp/ours")" "$set"
        row "segment accurate $4 ($style)" F1 "$1" "ds, default mode" "$3" "$2"
        "$O/bench/bench_nn" -t "$raw" | head -n 2000 >"$tmp/tags"
        if /usr/bin/python3 -c 'import numpy' 2>/dev/null; then
            set -- $(/usr/bin/python3 tests/bench/bench_lac.py -c "$LAC" "$tmp/tags") "$4"
            row "tagger $3: 8 bits" "tags equal" "$1" "numpy float32" 1 "$2"
        fi
    done
else
    echo "accuracy: no $O/zh.dsnn, so no figures of the mode accurate"
fi

# The other styles, to show what each is for.
for set in pku:ud pku:fine gsdsimp-dev:news gsdsimp-dev:fine; do
    style=${set#*:}; set=${set%:*}; raw="$DEV/seg/$set.raw"
    [ -f "$raw" ] || continue
    "$O/dsrun" segment -q -f text --style "$style" - <"$raw" >"$tmp/ours"
    set -- $(f1 "$DEV/seg/$set.txt" "$tmp/ours") "$set"
    row "segment $3 ($style)" F1 "$1" - - "$2"
done

# The user's own standard: learned from the first 80 % of pku and as, scored on the rest; gsdsimp has a part for each.
trained_row() { # SET GOLD-TO-LEARN GOLD-TO-SCORE STYLE
    sed 's/ //g' "$3" >"$tmp/raw"
    "$O/dsrun" segment -q --train "$2" --folds 0 --save "$tmp/my.seg" >/dev/null || return
    "$O/dsrun" segment -q -f text --model "$tmp/my.seg" - <"$tmp/raw" >"$tmp/ours"
    "$O/dsrun" segment -q -f text --style "$4" - <"$tmp/raw" >"$tmp/default"
    set -- $(f1 "$3" "$tmp/ours") "$(f1 "$3" "$tmp/default" | cut -d' ' -f1)" "$1"
    row "segment $4 (trained)" F1 "$1" "ds, default mode" "$3" "$2"
}
for set in pku as; do
    gold="$DEV/seg/$set.txt"; [ -f "$gold" ] || continue
    part=$(($(grep -c '' "$gold") * 8 / 10))
    head -n "$part" "$gold" >"$tmp/learn"; tail -n +$((part + 1)) "$gold" >"$tmp/score"
    trained_row "$set" "$tmp/learn" "$tmp/score" news
done
[ ! -f "$DEV/seg/gsdsimp-train.txt" ] || trained_row gsdsimp-dev "$DEV/seg/gsdsimp-train.txt" "$DEV/seg/gsdsimp-dev.txt" ud

# The same text in both scripts, gold and all: characters changed one for one.
other_script() { # FROM CONFIGURATION
    python3 - "$1" "$2" <<'PY'
import subprocess, sys
text = open(sys.argv[1], encoding="utf-8").read()
chars = sorted(set(text) - {"\n"})
done = subprocess.run(["opencc", "-c", sys.argv[2]], input="\n".join(chars) + "\n", capture_output=True, text=True, check=True)
table = {a: b for a, b in zip(chars, done.stdout.split("\n")) if len(b) == 1}
sys.stdout.write("".join(table.get(c, c) for c in text))
PY
}
for set in pku:s2t.json as:t2s.json; do
    config=${set#*:}; set=${set%:*}
    [ -f "$DEV/seg/$set.raw" ] || continue
    other_script "$DEV/seg/$set.txt" "$config" >"$tmp/gold"
    other_script "$DEV/seg/$set.raw" "$config" >"$tmp/raw"
    "$O/dsrun" segment -q -f text - <"$DEV/seg/$set.raw" >"$tmp/ours"
    "$O/dsrun" segment -q -f text - <"$tmp/raw" >"$tmp/other"
    set -- $(f1 "$tmp/gold" "$tmp/other") "$(seg_f1 "$set" "$tmp/ours")" "$set" "${config%.json}"
    row "segment $4 ($5)" F1 "$1" "ds, as it is" "$3" "$2"
done

score() { python3 "$DEV/score.py" "$1" "$DEV/gold/$1.tsv" "$tmp/$1.jsonl"; }
articles="$DEV/articles"; [ ! -d "$DEV/../seeds" ] || articles="$DEV/../seeds $articles"
"$O/dsrun" stance -q -f jsonl $articles >"$tmp/stance.jsonl"
set -- $(score stance | python3 -c 'import json,sys; d=json.load(sys.stdin)["clear"]; print(d["macro_f1"], d["neg"]["f1"], d["pos"]["f1"], d["n"], "%s-%s" % tuple(d["macro_f1_95"]))')
row "stance clear ($5)" macro-F1 "$1" all-neutral 0.26 "$4"
row "stance neg" F1 "$2" all-neutral 0 "$4"
row "stance pos" F1 "$3" all-neutral 0 "$4"
pairs="$DEV/cstance-np-val.tsv"
if [ -f "$pairs" ]; then
    pairs_f1() { python3 "$DEV/score.py" pairs "$pairs" "$1" | python3 -c 'import json,sys; d=json.load(sys.stdin)["all"]; print(d["macro_f1"], d["n"])'; }
    "$O/dsrun" stance -q -f jsonl --pairs "$pairs" >"$tmp/rules.jsonl"
    "$O/dsrun" stance -q -f jsonl --train "$pairs" --folds 5 >"$tmp/trained.jsonl"
    control=$(sed -n 's/.*"what":"target alone".*"macro_f1":\([0-9.]*\).*/\1/p' "$tmp/trained.jsonl" | python3 -c 'print(round(float(input()) / 100, 4))')
    set -- $(pairs_f1 "$tmp/rules.jsonl") $(pairs_f1 "$tmp/trained.jsonl")
    row "stance pairs, rules alone" macro-F1 "$1" "target alone, 5 folds" "$control" "$2"
    row "stance pairs, trained, 5 folds by text" macro-F1 "$3" "target alone, 5 folds" "$control" "$4"
fi
"$O/dsrun" quotes -q -f jsonl $articles >"$tmp/quotes.jsonl"
set -- $(python3 "$DEV/score.py" quotes "$DEV/gold/quotes.tsv" "$tmp/quotes.jsonl" --neg "$DEV/gold/quotes-negatives.tsv" |
         python3 -c 'import json,sys; d=json.load(sys.stdin); print(d["f1"], d["speaker_right_of_found"], d["n"], d["found"])')
row quotes F1 "$1" "a regex, other articles" 0.96 "$3"
row "quotes speaker" "right of those found" "$2" "a regex, other articles" 0.34 "$4"
"$O/dsrun" pricewar -q -f jsonl $articles >"$tmp/pricewar.jsonl"
set -- $(score pricewar | python3 -c 'import json,sys; d=json.load(sys.stdin); print(d["share"], d["cells"])')
row pricewar "share of exact counts" "$1" - - "$2"
"$O/dsrun" numbers -q -f jsonl $articles >"$tmp/numbers.jsonl"
set -- $(score numbers | python3 -c 'import json,sys; d=json.load(sys.stdin); print(d["recall"], d["n"], d["value_right"], d["n_value"], d["unit_right"], d["n_unit"])')
row numbers recall "$1" - - "$2"
row numbers "value right" "$3" "Microsoft.Recognizers.Text, other articles" 0.90 "$4"
row numbers "unit right" "$5" "Microsoft.Recognizers.Text, other articles" 0.89 "$6"
