reuse -q -f jsonl wire
