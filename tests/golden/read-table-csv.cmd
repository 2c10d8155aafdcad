cat -f jsonl ../reader/formats/table.csv
