kwic --query 　 press
