collocates -q --node 馬斯克 --window sentence --min 1 --sort o -f tsv press
