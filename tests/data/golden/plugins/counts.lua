---@type ds.Plugin
-- A small plugin with two tables, totals of every kind, and all blocks of a report.
return {
  about = "Counts sentences, for the golden outputs",
  options = { { "least", type = "integer", default = 1, help = "sentences an article must have" } },
  tables = {
    articles = { { "doc", "string", "article id" }, { "sentences", "integer" }, { "share", "number" }, { "tags", "list" } },
    totals = { { "key", "string" }, { "sum", "number" } },
  },
  map = function(doc, ctx)
    local n = 0
    for s in doc:sentences() do
      if s.part == "body" then n = n + 1 end
    end
    if n < ctx.options.least then return ctx:skip("too short") end
    ctx:emit("articles", { doc = doc.id, sentences = n, share = n / 3, tags = doc.meta.tags })
    ctx:add("sentences", n)
    ctx:add("tenths", 0.1)
    ctx:add(n, 1)
  end,
  finish = function(ctx)
    for key, sum in ctx:totals() do ctx:emit("totals", { key = tostring(key), sum = sum }) end
  end,
  report = function(ctx, r)
    local bars, points, evidence = {}, {}, {}
    for i, row in ipairs(ctx:rows("articles")) do
      bars[i], points[i] = { row.doc, row.sentences }, { row.doc, row.share }
      evidence[i] = { doc = row.doc, from = 1, to = 6, note = "how it begins" }
    end
    r:heading("句子 Sentences")
    r:note("一篇文章有幾句話？The longest line of this note is broken where the page ends, and a full stop stays with its sentence。")
    r:table("articles", { title = "Articles", limit = 3 })
    r:table("totals", { columns = { "key", "sum" } })
    r:bars(bars, { title = "Bars", width = 20 })
    r:series(points, { title = "Series", height = 2 })
    r:evidence(evidence, { title = "Evidence", limit = 2 })
  end,
}
