cat -f jsonl ../reader/formats/utf16.txt
