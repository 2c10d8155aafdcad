freq -q -f tsv ../reader/formats/words.conllu
