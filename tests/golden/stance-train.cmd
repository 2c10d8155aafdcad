stance --train labels.tsv --folds 3
