plugins/counts.lua -q -f csv noarticles press/plain.txt
