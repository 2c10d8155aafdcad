info -q -f tsv --table totals press
