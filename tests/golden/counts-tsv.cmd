plugins/counts.lua -f tsv press
