cat -f jsonl ../reader/formats/words.conllu
