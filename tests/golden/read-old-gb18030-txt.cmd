cat -f jsonl ../reader/formats/old-gb18030.txt
