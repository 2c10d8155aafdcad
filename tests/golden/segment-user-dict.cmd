segment --user-dict words.txt lines.txt
