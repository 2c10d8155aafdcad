#!/bin/sh
# spark.sh DSRUN: runs spark.py with pyspark (the python3 of $PYSPARK_PYTHON, or the one in the path) and compares.
set -eu
dsrun=$(readlink -f "$1")
here=$(cd "$(dirname "$0")" && pwd)
python=${PYSPARK_PYTHON:-python3}
skip() { echo "scale spark: skipped ($1)"; exit 0; }
command -v java >/dev/null || skip "no java: apt-get install default-jre-headless"
"$python" -c 'import pyspark' 2>/dev/null || skip "no pyspark: pip install pyspark in a venv, then PYSPARK_PYTHON=VENV/bin/python3"
dir=$(mktemp -d /tmp/ds-spark.XXXXXX)
trap 'rm -rf "$dir"' EXIT
"$dsrun" -q cat -f jsonl >"$dir/articles.jsonl"
"$dsrun" -q -f jsonl pricewar >"$dir/want"
cd "$dir"
PYSPARK_PYTHON=$(command -v "$python") timeout 250 "$python" "$here/spark.py" "$dsrun" "$dir/articles.jsonl" "$dir" >got 2>log ||
    { tail -n 20 log; echo "scale spark: FAILED"; exit 1; }
cmp want got || { echo "scale spark: FAILED: results differ"; exit 1; }
echo "scale spark: passed (RDD.pipe on a local cluster of two workers: $(wc -l <got) rows as in one process)"
