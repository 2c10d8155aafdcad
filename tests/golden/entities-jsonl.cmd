entities -f jsonl --type person,place --together article oven
