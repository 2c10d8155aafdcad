stance -q -f jsonl press
