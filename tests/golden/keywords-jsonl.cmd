keywords -q --per source --method textrank --count 3 -f jsonl wire
