reuse -q --kind content --min 30 -f tsv --table clusters wire
