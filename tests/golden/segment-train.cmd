segment --train standard.txt --folds 2
