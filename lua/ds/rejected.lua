-- rejected.lua: a record of something that cannot be read.

-- ds.Rejected {path, id, byte, line, message}: the message says what is wrong and what to do, without path and place.
local Rejected = { __name = "ds.rejected" }
function Rejected:__tostring()
  local place = self.line and (": line %d"):format(self.line) or self.byte and (": byte %d"):format(self.byte) or ""
  local name = self.path == "-" and "standard input" or self.path
  if self.message:sub(1, #name) == name then return self.message end
  return ("%s%s: %s"):format(name, place, self.message)
end

--- Makes one; tostring() of it is one line for people.
---@param path string
---@param id string?
---@param message string
---@param place {byte: integer?, line: integer?}?
---@return ds.Rejected
return function(path, id, message, place)
  return setmetatable({ path = path, id = id, message = message, byte = place and place.byte, line = place and place.line },
    Rejected)
end
