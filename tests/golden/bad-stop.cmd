plugins/counts.lua -f csv --on-error stop bad
