plugins/script.lua press
