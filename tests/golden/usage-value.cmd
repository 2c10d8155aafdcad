plugins/counts.lua --least many press
