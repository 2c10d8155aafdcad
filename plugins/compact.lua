---@type ds.Plugin
-- Gives back the room that deleted and replaced articles take in a store.

return {
  about = "Writes a store anew without what was deleted, in place of the old file",
  example = "dsrun compact news.dsc",
  target = "store",
  input = "none",
  tables = {
    store = {
      { "path", "string", "the store" },
      { "before", "integer", "bytes of the file before" },
      { "after", "integer", "bytes of the file now" },
    },
  },

  finish = function(ctx)
    local path = ctx:target()
    local before, message = ds.corpus.about(path)
    if not before then return ctx:reject(message) end
    local done, why = ds.corpus.compact(path)
    if not done then return ctx:reject(why) end
    ctx:emit("store", { path = path, before = before.bytes, after = ds.corpus.about(path).bytes })
  end,
}
