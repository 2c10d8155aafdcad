keyness -q --ref 'source = 临江早报' --min 3 --sort log_ratio -f tsv press | cut -f 1-8,17-
