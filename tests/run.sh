#!/bin/sh
# Runs every suite (or those whose name contains $T) and ends with one line that counts.  Called by `make test`.
set -u
O=${O:-build}; LUA=${LUA:-lua5.4}; T=${T:-}; MODE=${MODE:-release}
log=$(mktemp); trap 'rm -f "$log"' EXIT
passed=0; failed=0; skipped=0

# The sanitizer build of ds.so needs its run-time library in the plain lua5.4 process.
preload=
[ "$MODE" != asan ] || preload="LD_PRELOAD=$(gcc -print-file-name=libasan.so)"
[ "$MODE" != tsan ] || preload="LD_PRELOAD=$(gcc -print-file-name=libtsan.so)"
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0}" CK_DEFAULT_TIMEOUT="${CK_DEFAULT_TIMEOUT:-240}"

for x in "$O"/tests/test_*; do
    case "$x" in *.d) continue ;; *"$T"*) ;; *) continue ;; esac
    [ -x "$x" ] || continue
    if "$x" >"$log" 2>&1; then ok=1; else ok=0; fi
    line=$(grep -E '^[0-9]+%: Checks: ' "$log" | tail -n 1)
    checks=$(echo "$line" | sed -n 's/.*Checks: \([0-9]*\).*/\1/p')
    bad=$(echo "$line" | sed -n 's/.*Failures: \([0-9]*\), Errors: \([0-9]*\).*/\1 + \2/p')
    bad=$((${bad:-0})); checks=${checks:-0}
    [ "$ok" = 1 ] || { cat "$log"; [ "$bad" -gt 0 ] || bad=1; }
    echo "$(basename "$x"): ${line:-no summary}"
    passed=$((passed + checks - bad)); failed=$((failed + bad))
done

# Seeds of the fuzz targets.
for x in "$O"/tests/fuzz_*; do
    case "$x" in *.d) continue ;; *"$T"*) ;; *) continue ;; esac
    [ -x "$x" ] || continue
    name=$(basename "$x")
    if "$x" "tests/fuzz/seeds/${name#fuzz_}" >"$log" 2>&1; then
        seeds=$(sed -n 's/^replayed \([0-9]*\)$/\1/p' "$log")
        echo "$name: $seeds seeds replayed"
        passed=$((passed + seeds))
    else
        tail -n 40 "$log"; echo "$name: FAILED"; failed=$((failed + 1))
    fi
done

suites=
for f in tests/lua/*_test.lua; do case "$f" in *"$T"*) suites="$suites $f" ;; esac; done
if [ -n "$suites" ]; then
    # Leaks of the lua5.4 program itself are not ours to report.
    if ! env $preload ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" $LUA tests/lua/run.lua "$O" $suites >"$log" 2>&1; then ok=0; else ok=1; fi
    cat "$log"
    set -- $(sed -n 's/^lua: \([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p' "$log")
    passed=$((passed + ${1:-0})); failed=$((failed + ${2:-0})); skipped=$((skipped + ${3:-0}))
    [ "$ok" = 1 ] || [ "${2:-0}" -gt 0 ] || failed=$((failed + 1))
fi

# The module under other Luas: the suites of the bindings and of what stands on them, with build/HOST/ds.so.
bindings="acc compat convert corpus doc encoding maps match norm numbers query quotes reader reader_formats reuse segment span
    stance stats tag text utf8 where"
suites=
for s in $bindings; do suites="$suites tests/lua/${s}_test.lua"; done
for h in lua5.3 luajit; do
    [ "$MODE" = release ] || continue
    case "$T" in ''|hosts|"$h") ;; *) continue ;; esac
    if [ ! -e "$O/$h/ds.so" ] || ! command -v "$h" >/dev/null; then
        echo "$h: skipped, the interpreter or its headers are not installed"; skipped=$((skipped + 1)); continue
    fi
    if "$h" tests/lua/run.lua "$O/$h" $suites >"$log" 2>&1; then ok=1; else ok=0; fi
    grep -a -v '^tests/lua/.*: [0-9]* tests$\|^lua: ' "$log"
    line=$(sed -n 's/^lua: \([0-9]* passed, [0-9]* failed, [0-9]* skipped\)$/\1/p' "$log")
    echo "$h: ${line:-no summary}"
    set -- $(echo "$line" | tr -dc '0-9 \n')
    passed=$((passed + ${1:-0})); failed=$((failed + ${2:-0})); skipped=$((skipped + ${3:-0}))
    [ "$ok" = 1 ] || [ "${2:-0}" -gt 0 ] || failed=$((failed + 1))
done

case "golden$T" in *golden*)
    if [ -z "$T" ] || [ "$T" = golden ]; then
        sh tests/golden/run.sh "$O" >"$log" 2>&1; ok=$?
        cat "$log"
        set -- $(sed -n 's/^golden: \([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$log")
        passed=$((passed + ${1:-0})); failed=$((failed + ${2:-0}))
        [ "$ok" = 0 ] || [ "${2:-0}" -gt 0 ] || failed=$((failed + 1))
    fi ;;
esac

[ $((passed + failed)) -gt 0 ] || { echo "no test matches T=$T"; exit 1; }
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
