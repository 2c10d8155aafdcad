cat -f jsonl ../reader/formats/old-big5.txt
