quotes -q --type spoken press
