segment -f tsv - < lines.txt
