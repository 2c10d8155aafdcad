plugins/counts.lua -f csv -q --on-error collect bad nowhere.txt
