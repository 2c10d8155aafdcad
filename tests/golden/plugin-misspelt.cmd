plugins/misspelt.lua press
