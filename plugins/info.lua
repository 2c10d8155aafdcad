---@type ds.Plugin
-- What a corpus holds.

local function count(iterator)
  local n = 0
  for _ in iterator do n = n + 1 end
  return n
end

return {
  about = "Tells what a corpus holds: articles, dates, sources, scripts, sizes",
  example = "dsrun info articles/",
  tables = {
    articles = {
      { "id", "string", "where the article comes from" },
      { "title", "string", "its headline" },
      { "date", "string", "YYYY-MM-DD or YYYY-MM" },
      { "source", "string", "who published it" },
      { "author", "string", "who wrote it" },
      { "script", "string", "Hans, Hant, mixed, …" },
      { "chars", "integer", "characters of the body" },
      { "sentences", "integer", "sentences of the body" },
      { "paragraphs", "integer", "paragraphs of the body" },
    },
    totals = {
      { "what", "string", "what is counted" },
      { "n", "integer", "how many" },
    },
  },

  map = function(doc, ctx)
    local row = {
      id = doc.id, title = doc.title, date = doc.date, source = doc.source_name, author = doc.author,
      script = doc.script, chars = ds.utf8.len(doc.text), sentences = 0,
      paragraphs = count(doc:paragraphs()),
    }
    for s in doc:sentences() do
      if s.part == "body" then row.sentences = row.sentences + 1 end
    end
    ctx:emit("articles", row)
    ctx:add("articles", 1)
    ctx:add("script " .. (doc.script or "unknown"), 1)
    if doc.meta.encoding then ctx:add("encoding " .. tostring(doc.meta.encoding), 1) end
    for _, what in ipairs { "chars", "sentences", "paragraphs" } do ctx:add(what, row[what]) end
  end,

  finish = function(ctx)
    for what, n in ctx:totals() do ctx:emit("totals", { what = what, n = n }) end
  end,

  report = function(ctx, r)
    r:table("articles", { title = "Articles", columns = { "id", "date", "script", "chars", "sentences", "title" } })
    r:table("totals", { title = "Together" })
  end,
}
