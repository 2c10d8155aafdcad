plugins/counts.lua -q -f csv nowhere.txt press/plain.txt
