#!/bin/sh
# run.sh BUILD: runs dsrun on tests/data/golden and compares, byte for byte.
#   NAME.cmd     arguments of dsrun, a line of shell (so it may hold quotes, < FILE and | FILTER)
#   NAME.out     what must come on standard output; absent: nothing
#   NAME.err     what must come on standard error, the build's directory shown as BUILD; absent: nothing
#   NAME.status  exit status; absent: 0
# UPDATE=1 writes what came as what must come; ONLY=word runs the names that hold the word.
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
DSRUN=$build/dsrun
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
passed=0; failed=0
export LC_ALL=C.UTF-8
unset NO_COLOR POSIXLY_CORRECT DS_DATA

keep() { # FILE WANTED: UPDATE=1 keeps FILE as WANTED when it is not empty
    if [ -s "$1" ]; then cp "$1" "$2"; else rm -f "$2"; fi
}

same() { # FILE WANTED
    [ -f "$2" ] || { [ ! -s "$1" ] && return 0; diff -u /dev/null "$1"; return 1; }
    diff -u "$2" "$1"
}

cd "$here/../data/golden" || exit 1
for cmd in "$here"/*.cmd; do
    case "$(basename "$cmd")" in *"${ONLY:-}"*) ;; *) continue ;; esac
    name=${cmd%.cmd}
    (eval "$DSRUN $(cat "$cmd")") >"$tmp/out" 2>"$tmp/err" </dev/null
    status=$?
    sed -i "s|$build/|BUILD/|g" "$tmp/err"
    : >"$tmp/status"; [ "$status" = 0 ] || echo "$status" >"$tmp/status"
    bad=0
    for part in out err status; do
        if [ "${UPDATE:-}" = 1 ]; then keep "$tmp/$part" "$name.$part"
        else same "$tmp/$part" "$name.$part" || bad=1; fi
    done
    if [ "$bad" = 0 ]; then passed=$((passed + 1))
    else failed=$((failed + 1)); echo "FAILED golden: $(basename "$name"): dsrun $(cat "$cmd")"; fi
done
echo "golden: $passed passed, $failed failed"
[ "$failed" = 0 ]
