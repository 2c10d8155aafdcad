segment --mode trained lines.txt
