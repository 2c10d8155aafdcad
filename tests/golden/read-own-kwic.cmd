kwic -q -f tsv --query 降价了 ../reader/formats/words.conllu
