plugins/counts.lua --help
