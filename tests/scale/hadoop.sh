#!/bin/sh
# hadoop.sh DSRUN: the contract of Hadoop Streaming, played with split and sort: mappers that see a part each, one of them
# twice (a speculative attempt), a shuffle by key in which the values of a key come in any order, one reducer.
set -eu
dsrun=$(readlink -f "$1")
dir=$(mktemp -d /tmp/ds-hadoop.XXXXXX)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
"$dsrun" -q cat -f jsonl >articles.jsonl
split -n l/5 articles.jsonl part.
for part in part.*; do "$dsrun" -q --map pricewar <"$part" >"map.$part"; done
cp map.part.ab map.part.ab.again
cat map.* | shuf | LC_ALL=C sort -t "$(printf '\t')" -k1,1 -s >shuffled
"$dsrun" -q --reduce -f jsonl pricewar <shuffled >got
"$dsrun" -q -f jsonl pricewar >want
cmp want got || { echo "scale hadoop: FAILED: results differ"; exit 1; }
echo "scale hadoop: passed (the contract: 5 mappers, one of them twice, 1 reducer: $(wc -l <got) rows as in one process)"
