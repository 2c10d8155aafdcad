plugins/script.lua --where 'title ~ 馬斯克' press
