dispersion -q --by day --min 2 --sort arf -f tsv press
