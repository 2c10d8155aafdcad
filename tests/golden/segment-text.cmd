segment < lines.txt
