network --words 渔网,船,码头,总工程师 --level 1 --min 1 wire
