network -q --words 渔网,船,码头,总工程师 --level 0.05 --unit paragraph --min 1 -f tsv wire
