network --entities --level 1 --min 1 -f tsv --table nodes oven
