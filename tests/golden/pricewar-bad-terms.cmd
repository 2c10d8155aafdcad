pricewar -f csv --terms badterms.tsv press
