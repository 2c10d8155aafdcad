plugins/counts.lua press
