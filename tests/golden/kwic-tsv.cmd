kwic -q --query '３．5%' --by chars --unit chars --window 6 --sort source,left1 -f tsv press
