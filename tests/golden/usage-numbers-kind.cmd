numbers -q --kind money,weight press
