info -q -f csv press
