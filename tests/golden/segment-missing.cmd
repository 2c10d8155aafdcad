segment nowhere.txt lines.txt
