new -q
