numbers -q -f csv --kind money,multiple press
