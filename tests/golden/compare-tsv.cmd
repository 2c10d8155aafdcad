compare -f tsv oven
