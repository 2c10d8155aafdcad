stance -q -f tsv --table chain --explain press
