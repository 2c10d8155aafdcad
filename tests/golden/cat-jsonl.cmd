cat -q -f jsonl press
