stance -q -f tsv --table review --review 4 press
