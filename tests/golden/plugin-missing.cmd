plugins/nowhere.lua press
