quotes -q --type said -f text press
