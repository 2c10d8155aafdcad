freq -q -f tsv --by word --pos 'v.*' press/column.md
