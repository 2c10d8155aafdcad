cat -f jsonl ../reader/formats/page.html
