---@type ds.Plugin
-- Writes the beginning of a plugin, which runs at once.

local TEMPLATE = [[
---@type ds.Plugin
-- NAME: how long the sentences of each article are.  Run it: dsrun ./NAME.lua articles/
return {
  about = "Says how long sentences are",                        -- shown by dsrun ./NAME.lua --help
  options = { { "long", type = "integer", default = 60, help = "characters that make a sentence long" } },
  tables = { articles = { { "doc", "string", "article id" }, { "sentences", "integer" }, { "long", "integer" } } },
  map = function(doc, ctx)                                       -- called once for every article
    local sentences, long = 0, 0
    for s in doc:sentences() do                                  -- s.text, s.from, s.to, s.part
      if s.part == "body" then                                   -- the other part is "title"
        sentences = sentences + 1
        if ds.utf8.len(s.text) >= ctx.options.long then long = long + 1 end
      end
    end
    ctx:emit("articles", { doc = doc.id, sentences = sentences, long = long })
  end,
}
]]

return {
  about = "Writes NAME.lua, a small plugin to start from",
  example = "dsrun new mine && dsrun ./mine.lua",
  input = "none",
  options = { { "to", type = "output", help = "write there instead (default: NAME.lua, which is never overwritten)" } },

  finish = function(ctx)
    local name = ctx.args[1]
    if #ctx.args ~= 1 or not name:find("^[%w_-]+$") then
      ctx:usage("give one NAME of letters, digits, - and _: dsrun new NAME")
    end
    local file = ctx:output("to", name .. ".lua")
    file:write((TEMPLATE:gsub("NAME", name)))
    ctx.state.path = file.path
  end,

  report = function(ctx, r)
    local path = ctx.state.path
    local word = path:find("/", 1, true) and path or "./" .. path -- a bare name would be looked for among the stock plugins
    r:note("wrote ", path, "; try:\ndsrun ", word, "\ndsrun ", word, " --help")
  end,
}
