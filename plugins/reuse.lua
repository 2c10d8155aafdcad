---@type ds.Plugin
-- Passages that articles share, in either script: who printed them first, and whether they are news at all.

local function percent(x) return ("%.0f %%"):format(100 * x) end

-- The beginning of a passage, on one line.
local function beginning(text)
  text = text:gsub("%s+", " ")
  return ds.utf8.len(text) > 40 and ds.utf8.sub(text, 1, 39) .. "…" or text
end

return {
  about = "Finds passages that articles share: copies, quotations, boilerplate",
  example = "dsrun reuse --min 20 articles/",
  options = {
    { "min", type = "integer",
      help = "Han characters in common, at least, two letters of an alphabet counting as one; 14 unless told, above 300 KB more" },
    { "kind", type = "choice", choices = { "content", "boilerplate", "names", "all" }, default = "all",
      help = "which passages to list" },
    { "top", type = "integer", default = 20, help = "rows of each table of the report; data formats have all" },
  },
  tables = {
    pairs = {
      { "a", "string", "the earlier article" },
      { "a_from", "integer", "first byte of the passage in doc.text" },
      { "a_to", "integer", "last byte" },
      { "a_text", "string", "the passage as it is written there" },
      { "b", "string", "the later article" },
      { "b_from", "integer", "first byte" },
      { "b_to", "integer", "last byte" },
      { "b_text", "string", "the passage there" },
      { "chars", "integer", "letters and digits in common, folded" },
      { "similarity", "number", "twice that, of the letters of both passages together: 1 is equal" },
      { "kind", "string", "content, boilerplate (page and desk, formulas) or names (a list of them)" },
      { "cluster", "integer", "number of the passage in table clusters" },
    },
    clusters = {
      { "cluster", "integer", "number: content first, then what has spread furthest" },
      { "kind", "string", "as above" },
      { "articles", "integer", "how many have the passage" },
      { "sources", "integer", "of how many sources; an article without one counts as its own" },
      { "chars", "integer", "letters and digits of the earliest" },
      { "doc", "string", "the earliest article that has it" },
      { "date", "string", "its date" },
      { "from", "integer", "first byte of the passage there" },
      { "to", "integer", "last byte" },
      { "text", "string", "the passage there" },
    },
    articles = {
      { "doc", "string", "an article with content of earlier ones" },
      { "date", "string", "of the article" },
      { "chars", "integer", "letters and digits of it" },
      { "shared", "integer", "those within such content" },
      { "share", "number", "shared / chars" },
      { "earlier", "string", "the article with which it shares most" },
      { "earlier_date", "string", "its date" },
    },
  },

  setup = function(ctx)
    local o = ctx.options
    if (o.min or 1) < 1 or o.top < 0 then ctx:usage("--min is at least 1, --top not below 0") end
  end,

  map = function(doc, ctx) ctx:add(doc.id, { text = doc.text, date = doc.date, source = doc.source_name }) end,

  merge = function(_, a) return a end, -- an article comes once

  finish = function(ctx)
    local reuse = assert(ds.reuse { min = ctx.options.min, segmenter = assert(ds.segmenter { user = ctx.user_dict }) })
    for id, a in ctx:totals() do reuse:add { id = id, text = a.text, date = a.date, source_name = a.source } end
    local found, kind = reuse:find(), ctx.options.kind
    ctx.state.min = found.min
    for row in found.pairs() do
      if kind == "all" or row.kind == kind then ctx:emit("pairs", row) end
    end
    for _, row in ipairs(found.clusters) do
      if kind == "all" or row.kind == kind then ctx:emit("clusters", row) end
    end
    for _, row in ipairs(found.articles) do ctx:emit("articles", row) end
  end,

  report = function(ctx, r)
    local passages, spread, shown = {}, {}, {}
    local n = { content = 0, boilerplate = 0, names = 0 }
    for i, c in ipairs(ctx:rows("clusters")) do
      n[c.kind] = n[c.kind] + 1
      shown[i] = { cluster = c.cluster, kind = c.kind, articles = c.articles, sources = c.sources, chars = c.chars, doc = c.doc,
                   date = c.date, text = beginning(c.text) }
      if c.kind == "content" then spread[#spread + 1] = { ("%d %s"):format(c.cluster, c.doc), c.articles, c.cluster } end
    end
    for _, p in ipairs(ctx:rows("pairs")) do
      if p.kind == "content" then
        local note = ("cluster %d, %d letters, similarity %s"):format(p.cluster, p.chars, percent(p.similarity))
        passages[#passages + 1] = { order = p, doc = p.a, from = p.a_from, to = p.a_to, note = note }
        passages[#passages + 1] = { order = p, doc = p.b, from = p.b_from, to = p.b_to, note = "cluster " .. p.cluster }
      end
    end
    table.sort(passages, function(x, y)
      local p, q = x.order, y.order
      if p.chars ~= q.chars then return p.chars > q.chars end
      if p ~= q then return p.cluster < q.cluster or (p.cluster == q.cluster and (p.a < q.a or (p.a == q.a and p.b < q.b))) end
      return x.doc == p.a and y.doc == p.b
    end)
    r:heading("Shared passages")
    r:figures({ { n.content, "passages of content" }, { n.boilerplate, "passages of boilerplate" }, { n.names, "lists of names" } },
      { note = ("%d passages of content, %d of boilerplate, %d lists of names stand in several articles, with at least %d Han characters in common.")
        :format(n.content, n.boilerplate, n.names, ctx.state.min) })
    r:bars(spread, { title = "Articles with the same content, by cluster and earliest article", limit = 15, sort = true,
      rows = { table = "pairs", column = "cluster" } })
    r:table(shown, { title = "Clusters", limit = ctx.options.top,
                          columns = { "cluster", "kind", "articles", "sources", "chars", "doc", "date", "text" } })
    r:table("articles", { title = "Content of earlier articles", sort = "-share", limit = ctx.options.top, heat = { "share" } })
    r:evidence(passages, { title = "The longest, in both articles", limit = 10 })
  end,
}
