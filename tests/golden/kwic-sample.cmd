kwic -q --query 的 --sample 2 --seed 3 -f jsonl press
