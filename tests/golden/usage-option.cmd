plugins/counts.lua --laest 3 press
