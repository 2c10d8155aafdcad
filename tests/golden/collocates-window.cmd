collocates --node 他 --window 3x press
