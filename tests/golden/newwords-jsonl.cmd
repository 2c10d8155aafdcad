newwords -q --cohesion 3 -f jsonl coined
