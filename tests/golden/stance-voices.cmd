stance -q -f tsv --table voices press
