stance -q --pairs labels.tsv -f jsonl
