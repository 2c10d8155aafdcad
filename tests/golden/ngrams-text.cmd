ngrams --min 2 --per source wire
