plugins/broken.lua -f csv press
