segment --train standard.conllu --folds 2 -f tsv --table training
