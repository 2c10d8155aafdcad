#!/bin/sh
# Runs each target of $F for $FUZZ_SECONDS, then each with its planted bug, which must be found.  Called by `make fuzz`.
# T=NAME: that target only.  What libFuzzer learns stays in $F/corpus/NAME for the next run.
set -u
F=${F:-build/fuzz}; FUZZ_SECONDS=${FUZZ_SECONDS:-10}; T=${T:-}
log=$(mktemp); scratch=$(mktemp -d); trap 'rm -rf "$log" "$scratch"' EXIT
failed=0; ran=0

for source in tests/fuzz/fuzz_*"$T"*.c; do
    [ -f "$source" ] || continue
    name=$(basename "$source" .c); name=${name#fuzz_}
    seeds=tests/fuzz/seeds/$name
    [ -d "$seeds" ] || { echo "$name: no seeds in $seeds"; failed=$((failed + 1)); continue; }
    mkdir -p "$F/corpus/$name" "$F/found"
    ran=$((ran + 1))

    if "$F/fuzz_$name" -max_total_time="$FUZZ_SECONDS" -timeout=20 -artifact_prefix="$F/found/$name-" "$F/corpus/$name" \
        "$seeds" >"$log" 2>&1; then
        echo "$name: $(sed -n 's/^Done \([0-9]*\) runs in \([0-9]*\).*/\1 runs in \2 s, nothing found/p' "$log")"
    else
        tail -n 40 "$log"
        echo "$name: FAILED; the input is in $F/found"
        failed=$((failed + 1))
    fi

    # libFuzzer writes to the first directory.
    begin=$(date +%s)
    mkdir -p "$scratch/$name"
    if "$F/planted_$name" -max_total_time="$FUZZ_SECONDS" -timeout=20 -artifact_prefix="$scratch/" "$scratch/$name" \
        "$seeds" >"$log" 2>&1; then
        echo "$name: FAILED to find its planted bug in $FUZZ_SECONDS s"
        failed=$((failed + 1))
    else
        echo "$name: planted bug found in $(($(date +%s) - begin)) s: $(grep -m 1 -E 'does not hold|ERROR: |runtime error' "$log")"
    fi
done

[ "$ran" -gt 0 ] || { echo "no fuzz target matches T=$T"; exit 1; }
[ "$failed" = 0 ]
