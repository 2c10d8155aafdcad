plugins/syntax.lua press
