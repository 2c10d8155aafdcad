cat -f csv --where 'datum > 3' press
