newwords -q --longest 13 coined
