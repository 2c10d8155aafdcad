---@type ds.Plugin
-- Checks compiled files, every byte of them.

return {
  about = "Checks compiled lexicons (.dslex) for damage, every byte",
  input = "none",
  example = "dsrun verify build/zh.dslex",
  tables = {
    files = {
      { "file", "string", "its path" },
      { "words", "integer", "words in it" },
      { "source", "string", "where they come from" },
    },
  },

  finish = function(ctx)
    if #ctx.args == 0 then ctx:usage("name the files to check") end
    for _, path in ipairs(ctx.args) do
      local words, source, detail = ds.lexicon.verify(path)
      if words then
        ctx:emit("files", { file = path, words = words, source = source })
      else
        ctx:reject(("%s%s: %s"):format(path, detail and detail.byte and (": byte " .. detail.byte) or "", source))
      end
    end
  end,
}
