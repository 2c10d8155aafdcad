plugins/counts.lua -f csv --table total press
