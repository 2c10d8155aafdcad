cat -f jsonl ../reader/formats/packed.jsonl.gz
