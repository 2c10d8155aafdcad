cat -f jsonl ../reader/formats/words.vrt
