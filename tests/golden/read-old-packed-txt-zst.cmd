cat -f jsonl ../reader/formats/old-packed.txt.zst
