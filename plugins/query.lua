---@type ds.Plugin
-- Asks a store, or files, in the query language of corpus linguists (doc/QUERY.md): lines, counts, groups, the plan.

return {
  about = "Searches a corpus in a query language: words, tags, classes, repetitions, phrases",
  example = "dsrun query '[key=\"价格战\"] []{0,5} [pos=\"v.*\"] within s' news.dsc",
  input = "none",
  options = {
    { "only", type = "string", help = "articles for which this condition holds, as --where has them" },
    { "group", type = "string", help = "count by this: word, key, pos, right1, doc, day, month, source, a field" },
    { "sort", type = "string", help = "keys, comma between: left1 left2 … right1 … node doc date source or a field; - before one: falling" },
    { "sample", type = "integer", help = "so many lines, drawn by --seed" },
    { "window", type = "integer", default = 8, help = "words on either side" },
    { "top", type = "integer", default = 25, help = "lines or groups shown" },
    { "seconds", type = "number", help = "end the search after so long; totals say then that it is partial" },
    { "explain", type = "boolean", default = false, help = "the plan of the search, in place of the lines" },
  },
  tables = {
    lines = {
      { "doc", "string", "article id" },
      { "date", "string", "of the article" },
      { "source", "string", "who published it" },
      { "from", "integer", "first byte of the hit in doc.text" },
      { "to", "integer", "last byte" },
      { "left", "string", "words before it" },
      { "node", "string", "the hit" },
      { "right", "string", "words behind it" },
      { "captures", "object", "what the query names: from, to in bytes" },
    },
    groups = { { "name", "string", "what the hits have in common" }, { "n", "integer", "how many" } },
    totals = { { "query", "string", "what was looked for" }, { "found", "integer", "hits" }, { "shown", "integer", "lines or groups" },
               { "partial", "boolean", "the search was stopped: there may be more" } },
  },

  finish = function(ctx)
    local o = ctx.options
    local text, paths = ctx.args[1], table.move(ctx.args, 2, #ctx.args, 1, {})
    if not text then ctx:usage("name the query, then the corpus: dsrun query '[key=\"价格战\"]' news.dsc") end
    if #paths == 0 then ctx:usage("name the corpus behind the query") end
    local corpus, message = ds.corpus.open(table.unpack(paths))
    if not corpus then return ctx:reject(message) end
    local hits, why = corpus:query(text, { where = o.only, timeout = o.seconds })
    if not hits then ctx:usage(why) end
    if o.explain then
      ctx.state.plan = hits:explain()
      return
    end
    local found, partial = hits:count()
    local rows
    if o.group then
      rows = hits:group(o.group)
      for i = 1, math.min(#rows, o.top) do ctx:emit("groups", rows[i]) end
    else
      if o.sample then hits:sample(o.sample, ctx.seed) end
      rows = hits:kwic { size = o.window, sort = o.sort, n = o.top }
      for _, row in ipairs(rows) do
        row.title = nil
        ctx:emit("lines", row)
      end
    end
    ctx:emit("totals", { query = text, found = found, shown = math.min(#rows, o.top), partial = partial })
  end,

  report = function(ctx, r)
    if ctx.state.plan then return r:note(ctx.state.plan) end
    local t = ctx:rows("totals")[1]
    if not t then return end
    r:note(("%d hits of %s, %d shown%s"):format(t.found, t.query, t.shown, t.partial and "; the search was stopped" or ""))
    if ctx.options.group then r:table("groups") else r:table("lines", { columns = { "left", "node", "right", "doc" } }) end
  end,
}
