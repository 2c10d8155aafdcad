cat press/column.md press/plain.txt
