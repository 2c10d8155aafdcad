-- A pandoc filter that loads ds.so itself: pandoc --lua-filter mark.lua sets the terms of the price war in bold, in either
-- script.  The pandoc of Debian 12 is a program of Lua 5.3 (`pandoc -v` tells in later versions), so it is the module for
-- Lua 5.3 that it loads: LUA_CPATH=/path/to/lua5.3/?.so, not needed after `make install HOSTS=lua5.3`.
local ds = require "ds"
local terms = ds.matcher { "价格战", "降价", "补贴", "内卷" }

function Str(s)
  local out, at = {}, 1
  for from, to in terms:spans(s.text) do
    if from > at then out[#out + 1] = pandoc.Str(s.text:sub(at, from - 1)) end
    out[#out + 1] = pandoc.Strong { pandoc.Str(s.text:sub(from, to)) }
    at = to + 1
  end
  if at == 1 then return nil end
  if at <= #s.text then out[#out + 1] = pandoc.Str(s.text:sub(at)) end
  return out
end
