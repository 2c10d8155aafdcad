---@type ds.Plugin
-- A word in its contexts, one line a place, sorted by what stands beside it.

local FIELDS = { id = "id", doc = "id", date = "date", source = "source_name", title = "title", author = "author",
  script = "script" }

-- "left" or "right", and how far: of a key such as left2.
local function side_of(name)
  local side, n = name:match("^(%l+)(%d+)$")
  return (side == "left" or side == "right") and side, math.tointeger(tonumber(n))
end

-- What a line is sorted by: the n-th word to the left or right, the node, a field of the article.
local function sort_value(name, doc, line)
  local side, n = side_of(name)
  if side then return line[side == "left" and "before" or "behind"][n] or "" end
  if name == "node" then return ds.utf8.fold(line.node) end
  local value = FIELDS[name] and doc[FIELDS[name]] or doc.meta[name]
  return value ~= nil and tostring(value) or ""
end

-- Adds the lines of an article.
local function add_lines(doc, lines, ctx)
  for _, line in ipairs(lines) do
    line.keys, line.draw, line.weight = {}, math.random(), ctx:weight()
    for k, name in ipairs(ctx.state.keys) do line.keys[k] = sort_value(name, doc, line) end
    line.doc, line.date, line.source, line.before, line.behind = doc.id, doc.date, doc.source_name, nil, nil
  end
  if #lines > 0 then ctx:add(doc.id, lines) end
end

local function by_place(a, b)
  if a.doc ~= b.doc then return a.doc < b.doc end
  return a.from < b.from
end

local function by_keys(a, b)
  for i, key in ipairs(a.keys) do
    if key ~= b.keys[i] then return key < b.keys[i] end
  end
  return by_place(a, b)
end

-- The lines that drew the smallest numbers: the same ones however the articles are shared out among workers.
local function sample(lines, size)
  table.sort(lines, function(a, b)
    if a.draw ~= b.draw then return a.draw < b.draw end
    return by_place(a, b)
  end)
  return table.move(lines, 1, math.min(size, #lines), 1, {})
end

return {
  about = "Shows a word or phrase in its contexts (key word in context)",
  example = "dsrun kwic --query 价格战 --sort right1,left1 articles/",
  weighs = true,
  options = {
    { "query", type = "string", required = true, help = "word or phrase; either script, any case and width" },
    { "by", type = "choice", choices = { "words", "chars" }, default = "words",
      help = "places that cut no word in two, or any" },
    { "window", type = "integer", default = 5, help = "context on either side, in --unit" },
    { "unit", type = "choice", choices = { "words", "chars" }, default = "words", help = "what --window counts" },
    { "sort", type = "string", default = "doc",
      help = "keys, comma between: left1 left2 … right1 … node doc date source or a metadata field" },
    { "sample", type = "integer", help = "so many lines, drawn by --seed; all unless told" },
    { "top", type = "integer", default = 40, help = "lines of the report; data formats have all" },
  },
  tables = {
    lines = {
      { "doc", "string", "article id" },
      { "date", "string", "of the article" },
      { "source", "string", "who published it" },
      { "from", "integer", "first byte of the node in doc.text" },
      { "to", "integer", "last byte" },
      { "left", "string", "text before it" },
      { "node", "string", "the word or phrase as it is written" },
      { "right", "string", "text behind it" },
    },
    totals = {
      { "query", "string", "what was looked for" },
      { "found", "integer", "places in all articles" },
      { "shown", "integer", "lines, after --sample" },
      { "docs", "integer", "articles with the query" },
    },
  },

  setup = function(ctx)
    local o = ctx.options
    if o.window < 0 or o.top < 0 or (o.sample or 0) < 0 then ctx:usage("--window, --sample and --top are not below 0") end
    ctx.state.keys, ctx.state.shape = {}, { size = o.window, unit = o.unit, reach = 0 }
    for key in o.sort:gmatch("[^,%s]+") do
      local side, n = side_of(key)
      if side then ctx.state.shape.reach = math.max(ctx.state.shape.reach, n) end
      table.insert(ctx.state.keys, key)
    end
    local segmenter = ctx.user_dict and assert(ds.segmenter { user = ctx.user_dict })
    local c, message = ds.concordance(o.query, { by = o.by, segmenter = segmenter or nil })
    ctx.state.concordance = c or ctx:usage("--query: " .. message)
  end,

  map = function(doc, ctx) add_lines(doc, ctx.state.concordance:lines(doc, ctx.state.shape), ctx) end,

  index = function(articles, ctx)
    local each = articles:lines(ctx.state.concordance, ctx.state.shape)
    if not each then return false end
    for article, lines in each do add_lines(article, lines, ctx) end
    return true
  end,

  merge = function(_, a, b) return table.move(b, 1, #b, #a + 1, a) end,

  finish = function(ctx)
    local lines, found, docs, shown = {}, 0, 0, 0
    for _, list in ctx:totals() do
      found, docs = found + #list * list[1].weight, docs + list[1].weight
      table.move(list, 1, #list, #lines + 1, lines)
    end
    if ctx.options.sample then lines = sample(lines, ctx.options.sample) end
    table.sort(lines, by_keys)
    for _, line in ipairs(lines) do
      shown = shown + line.weight
      line.keys, line.draw, line.weight = nil, nil, nil
      ctx:emit("lines", line)
    end
    ctx:emit("totals", { query = ctx.options.query, found = found, shown = shown, docs = docs })
  end,

  report = function(ctx, r)
    local total = ctx:rows("totals")[1]
    r:heading(total.query)
    local note = ("%s places in %s articles%s; sorted by %s."):format(total.found, total.docs, total.shown < total.found and
      ("; %s of them, drawn with seed %d"):format(total.shown, ctx.seed) or "", ctx.options.sort)
    r:figures({ { total.found, "places" }, { total.docs, "articles with it" }, { total.shown, "lines shown" } }, { note = note })
    r:table("lines", { title = "Lines", columns = { "doc", "left", "node", "right" }, right = { "left" },
                       limit = ctx.options.top })
  end,
}
