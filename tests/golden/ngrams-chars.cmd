ngrams -q --unit chars --size 4 --min 3 -f tsv wire
