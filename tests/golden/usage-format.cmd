plugins/counts.lua -f jsnl press
