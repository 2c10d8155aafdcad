---@type ds.Plugin
-- Which words stand near a node more often than chance would put them there.  What is counted are places of words: near
-- when a node stands within the window, no place twice, those of the node itself not at all (Evert 2008).

local MEASURES = { "ll", "log_dice", "mi", "mi2", "mi3", "t", "z", "delta_p12", "delta_p21", "log_ratio", "o", "o_e" }

-- How many words the window has on either side; nothing: the sentence.
local function window_of(ctx)
  local text = ctx.options.window
  if text == "sentence" then return end
  local left, right = text:match("^(%d+),(%d+)$")
  left = left or text:match("^%d+$")
  if not left then ctx:usage(("--window is a number, two with a comma between, or sentence, not '%s'"):format(text)) end
  return tonumber(left), tonumber(right or left)
end

-- What ranks a row; words rarer than chance stand last, however sure that is.
local function strength(row, sort) return sort == "ll" and row.o < row.e and -row.ll or row[sort] end

return {
  about = "Finds the collocates of a word: what stands near it more often than by chance",
  example = "dsrun collocates --node 价格战 --window sentence --min 5 articles/",
  weighs = true,
  options = {
    { "node", type = "string", required = true, help = "word or phrase; either script, any case and width" },
    { "by", type = "choice", choices = { "words", "chars" }, default = "words", help = "places that cut no word, or any" },
    { "window", type = "string", default = "5,5", help = "words to the left and right, or sentence" },
    { "min", type = "integer", default = 3, help = "how often a collocate stands near the node, at least" },
    { "sort", type = "choice", choices = MEASURES, default = "ll", help = "the measure that ranks" },
    { "top", type = "integer", default = 30, help = "rows of the report; data formats have all" },
  },
  tables = {
    collocates = {
      { "word", "string", "the collocate, folded" },
      { "o", "integer", "places of it near the node" },
      { "e", "number", "how many there would be by chance" },
      { "o_e", "number", "o / e" },
      { "c1", "integer", "places of it in all" },
      { "docs", "integer", "articles in which it stands near the node" },
      { "log_dice", "number", "14 + log2 of the Dice coefficient of node and word (Rychlý 2008)" },
      { "ll", "number", "log-likelihood (Dunning 1993), never negative: look at o and e" },
      { "mi", "number", "mutual information, log2(o/e) (Church and Hanks 1990)" },
      { "mi2", "number", "log2(o²/e) (Daille 1994)" },
      { "mi3", "number", "log2(o³/e)" },
      { "t", "number", "t score (Church and others 1991)" },
      { "z", "number", "z score (Berry-Rogghe 1973)" },
      { "delta_p12", "number", "ΔP of the node, given the word (Gries 2013)" },
      { "delta_p21", "number", "ΔP of the word, given the node" },
      { "log_ratio", "number", "log2 of its frequency near the node to that elsewhere (Hardie 2014)" },
      { "doc", "string", "where it stands near the node first" },
      { "from", "integer", "first byte of node and word there" },
      { "to", "integer", "last byte" },
    },
    totals = {
      { "node", "string", "what was looked for" },
      { "found", "integer", "places of the node" },
      { "docs", "integer", "articles with the node" },
      { "near", "integer", "r1: places within the window, the node's own left out" },
      { "words", "integer", "n: places in all, the node's own left out" },
    },
  },

  setup = function(ctx)
    local o, s = ctx.options, ctx.state
    if o.min < 1 or o.top < 0 then ctx:usage("--min is at least 1, --top not below 0") end
    s.left, s.right = window_of(ctx)
    local segmenter = ctx.user_dict and assert(ds.segmenter { user = ctx.user_dict })
    local c, message = ds.concordance(o.node, { by = o.by, segmenter = segmenter or nil })
    s.concordance = c or ctx:usage("--node: " .. message)
  end,

  map = function(doc, ctx)
    local s, count, all, close, weight = ctx.state, {}, 0, 0, ctx:weight()
    local words = s.concordance:words(doc)
    local hits = s.concordance:find(doc, words)
    local near, own = s.concordance:near(doc, words, hits, s.left, s.right)
    for i = 1, words.n do
      local c, hit = not own[i] and (count[words.key[i]] or { o = 0, c = 0, docs = 0 }), near[i]
      if c then
        count[words.key[i]], c.c, all = c, c.c + weight, all + weight
        if hit and not c.doc then
          c.docs, c.doc, c.from, c.to = weight, doc.id, math.min(hit.from, words.from[i]), math.max(hit.to, words.to[i])
        end
        if hit then c.o, close = c.o + weight, close + weight end
      end
    end
    for word, c in pairs(count) do ctx:add(word, c) end
    ctx:add("", { o = #hits * weight, c = all, docs = #hits > 0 and weight or 0, near = close }) -- the node; no word is empty
  end,

  index = function(articles, ctx)
    local s = ctx.state
    local rows, t = articles:collocates(s.concordance, { left = s.left, right = s.right, min = ctx.options.min })
    if not rows then return false end
    for row in rows do ctx:add(row.word, row) end
    ctx:add("", { o = t.found, c = t.words, docs = t.docs, near = t.near })
    return true
  end,

  merge = function(_, a, b)
    a.o, a.c, a.docs, a.near = a.o + b.o, a.c + b.c, a.docs + b.docs, a.near and a.near + b.near
    if b.doc and (not a.doc or b.doc < a.doc) then a.doc, a.from, a.to = b.doc, b.from, b.to end
    return a
  end,

  finish = function(ctx)
    local o, words, node, rows = ctx.options, {}, { o = 0, c = 0, docs = 0, near = 0 }, {}
    for word, c in ctx:totals() do
      if word == "" then node = c else words[word] = c end
    end
    local near, n = node.near, node.c
    for word, c in pairs(words) do
      if c.o >= o.min then
        local row = ds.stats.assoc { o11 = c.o, r1 = near, c1 = c.c, n = n, node = node.o }
        row.word, row.c1, row.docs, row.doc, row.from, row.to = word, c.c, c.docs, c.doc, c.from, c.to
        rows[#rows + 1] = row
      end
    end
    table.sort(rows, function(a, b)
      local x, y = strength(a, o.sort), strength(b, o.sort)
      return x > y or (x == y and a.word < b.word)
    end)
    for _, row in ipairs(rows) do ctx:emit("collocates", row) end
    ctx:emit("totals", { node = o.node, found = node.o, docs = node.docs, near = near, words = n })
  end,

  report = function(ctx, r)
    local total, o, bars, passages = ctx:rows("totals")[1], ctx.options, {}, {}
    for i, row in ipairs(ctx:rows("collocates")) do
      bars[i] = { row.word, math.max(0, strength(row, o.sort)) }
      passages[i] = { doc = row.doc, from = row.from, to = row.to, note = row.word }
    end
    r:heading("Collocates of ", total.node)
    r:figures({ { total.found, "places" }, { total.docs, "articles with it" }, { total.near, "other words near it" } }, { note =
      ("%s places in %s articles; %s of %s other words stand within the window (%s); those that do so at least %s times, by %s:")
      :format(total.found, total.docs, total.near, total.words, o.window, o.min, o.sort) })
    r:bars(bars, { limit = 15, rows = { table = "collocates", column = "word" } })
    r:table("collocates", { title = "Collocates", limit = o.top, heat = { "log_dice" },
      columns = { "word", "o", "e", "o_e", "docs", "log_dice", "ll", "mi", "t", "delta_p12", "log_ratio" } })
    r:evidence(passages, { title = "Where they stand first", limit = 5 })
  end,
}
