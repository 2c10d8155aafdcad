collocates -q --node 馬斯克 --window sentence --min 1 --sort o -f tsv press | cut -f 1-3,5,6,17-
