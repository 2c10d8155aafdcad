pricewar -q -f tsv --table totals press
