compare --show all -f jsonl oven
