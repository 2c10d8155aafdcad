collocates --node 他 --min 1 --top 6 press
