cat bad/nul.txt
