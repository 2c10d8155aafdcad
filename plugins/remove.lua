---@type ds.Plugin
-- Deletes articles of a store.

return {
  about = "Deletes articles of a store by their ids; `compact` gives their room back",
  example = "dsrun remove news.dsc 2024/old.txt",
  target = "store",
  input = "none",
  tables = {
    articles = { { "id", "string", "id of the article" }, { "removed", "boolean", "false: there was none of that id" } },
  },

  finish = function(ctx)
    if #ctx.args == 0 then ctx:usage("name the ids behind the store") end
    local writer <close> = ctx:store()
    for _, id in ipairs(ctx.args) do
      local removed, message = writer:remove(id)
      if removed == nil then error(message, 0) end
      ctx:emit("articles", { id = id, removed = removed })
      if not removed then ctx:reject(("no article '%s' in %s"):format(id, ctx:target())) end
    end
    assert(writer:commit())
  end,
}
