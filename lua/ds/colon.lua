-- colon.lua: objects whose methods say so when they are called with a dot: ctx.emit("rows", {}) has no ctx.

--- Makes every method of a class check its first argument.
---@param class table its methods, names that begin with _ excepted
---@param called string what people call an object of it
---@param meta table the metatable of its objects
return function(class, called, meta)
  local methods = {}
  for name, value in next, class do
    if type(value) == "function" and name:sub(1, 1) ~= "_" then methods[name] = value end
  end
  for name, method in next, methods do
    class[name] = function(self, ...)
      if getmetatable(self) ~= meta then error(("write %s:%s(…), with a colon"):format(called, name), 2) end
      return method(self, ...) -- a tail call: "level 2" of its errors is the caller still
    end
  end
end
