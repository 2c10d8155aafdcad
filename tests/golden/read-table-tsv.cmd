cat -f jsonl ../reader/formats/table.tsv
