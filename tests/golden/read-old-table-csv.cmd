cat -f jsonl ../reader/formats/old-table.csv
