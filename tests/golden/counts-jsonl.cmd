plugins/counts.lua -f jsonl press
