#!/bin/sh
# Builds $O/peers/icu, ICU's word breaks, where libicu-dev is installed; else says that its figures are left out.
# Called by tests/bench/run.sh and tests/accuracy.sh.
O=${O:-build}; CC=${CC:-cc}; source=tests/bench/peer/peer_icu.c; icu=$O/peers/icu
if ! pkg-config --exists icu-uc 2>/dev/null; then
    echo '# no figures of ICU: libicu-dev is not installed'
elif [ ! -x "$icu" ] || [ -n "$(find "$source" -newer "$icu")" ]; then
    mkdir -p "$O/peers"
    # shellcheck disable=SC2046  # several flags
    "$CC" -std=c11 -O2 -D_POSIX_C_SOURCE=200809L -o "$icu" "$source" $(pkg-config --cflags --libs icu-uc) ||
        echo '# no figures of ICU: its program does not build'
fi
