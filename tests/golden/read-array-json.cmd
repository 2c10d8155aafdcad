cat -f jsonl ../reader/formats/array.json
