freq -q -f jsonl --class latin press
