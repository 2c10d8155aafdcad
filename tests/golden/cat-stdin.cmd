cat -q -f jsonl - < press/plain.txt
