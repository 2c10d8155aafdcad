segment -f jsonl lines.txt
