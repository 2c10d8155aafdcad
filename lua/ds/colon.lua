-- colon.lua: objects whose methods say so when they are called with a dot: ctx.emit("rows", {}) has no ctx.

--- Makes every method of a class check its first argument.
---@param class table its methods, names that begin with _ excepted
---@param called string what people call an object of it
---@param meta table the metatable of its objects
return function(class, called, meta)
  local methods = {}
  local function refuse(name) error(("write %s:%s(…), with a colon"):format(called, name), 3) end
  for name, value in next, class do
    if type(value) == "function" and name:sub(1, 1) ~= "_" then methods[name] = value end
  end
  for name, method in next, methods do
    local info = debug.getinfo(method, "u")
    if info.isvararg or info.nparams > 3 then
      class[name] = function(self, ...)
        if getmetatable(self) ~= meta then refuse(name) end
        return method(self, ...) -- a tail call: "level 2" of its errors is the caller still
      end
    else -- the same, and faster
      class[name] = function(self, a, b)
        if getmetatable(self) ~= meta then refuse(name) end
        return method(self, a, b)
      end
    end
  end
end
