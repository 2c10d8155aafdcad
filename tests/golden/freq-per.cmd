freq -q -f tsv --per source --pos 'n.*' press
