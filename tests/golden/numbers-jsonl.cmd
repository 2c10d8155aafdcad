numbers -q -f jsonl press
