cat -f jsonl ../reader/formats/records.jsonl
