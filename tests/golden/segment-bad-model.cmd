segment --model words.txt lines.txt
