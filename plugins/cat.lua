---@type ds.Plugin
-- Writes the articles themselves, as clean text with what is known about them.

local function paragraphs(text)
  return (text:gsub("\n", "\n\n"))
end

return {
  about = "Writes the articles as clean text; with -f jsonl one record each",
  example = "dsrun cat -f jsonl articles/ > articles.jsonl",
  weighs = true,
  tables = {
    articles = {
      { "id", "string", "where the article comes from" },
      { "title", "string", "its headline" },
      { "date", "string", "YYYY-MM-DD or YYYY-MM" },
      { "source", "string", "who published it" },
      { "author", "string", "who wrote it" },
      { "text", "string", "the body, markup removed" },
      { "meta", "object", "everything else that its head says" },
    },
  },

  map = function(doc, ctx)
    ctx:emit("articles", {
      id = doc.id, title = doc.title, date = doc.date, source = doc.source_name, author = doc.author,
      text = doc.text, meta = doc.meta,
    })
  end,

  report = function(ctx, r)
    if ctx.format == "html" then return r:table("articles") end
    for _, a in ipairs(ctx:rows("articles")) do
      local head = {}
      for _, part in ipairs { a.id, a.date or "", a.source or "", a.author or "" } do
        if part ~= "" then head[#head + 1] = part end
      end
      r:heading(a.title or a.id)
      r:note(table.concat(head, " · "))
      r:note(paragraphs(a.text))
    end
  end,
}
