plugins/counts.lua -f csv noarticles
