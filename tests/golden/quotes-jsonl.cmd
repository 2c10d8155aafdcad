quotes -q -f jsonl press
