stance --model labels.tsv press
