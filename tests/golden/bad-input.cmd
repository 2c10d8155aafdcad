plugins/counts.lua -f csv bad
