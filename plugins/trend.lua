---@type ds.Plugin
-- How often terms occur, or how a target is judged, period by period: with denominators, gaps, and tests for changes.

-- What is added up of a period and source: articles, characters, and of each term hits and articles with it.
local function new_cell() return { articles = 0, chars = 0, n = {}, docs = {} } end

local function add_cell(into, cell)
  into.articles, into.chars = into.articles + cell.articles, into.chars + cell.chars
  for term, n in pairs(cell.n) do into.n[term] = (into.n[term] or 0) + n end
  for term, n in pairs(cell.docs) do into.docs[term] = (into.docs[term] or 0) + n end
  return into
end

-- Hits of each term; of names with aliases those that do not overlap, so that 埃隆·马斯克 is one.
local function count_terms(s, doc, cell, weight)
  local function add(term, n) cell.n[term], cell.docs[term] = (cell.n[term] or 0) + n * weight, weight end
  if s.finder then
    for _, m in ipairs(s.finder:find(doc)) do
      if s.term_of[m.name] then add(s.term_of[m.name], 1) end
    end
    return
  end
  if s.by_name then
    for _, _, term in s.matcher:names(doc) do add(term, 1) end
    return
  end
  for _, c in ipairs(s.matcher:count(doc)) do
    if c.n > 0 then add(c.label, c.n) end
  end
end

-- Where a term stands in an article; the judge of a target tells no places here.
local function places(s, doc, wanted)
  local list = {}
  if s.judge then return list end
  if s.finder then
    for _, m in ipairs(s.finder:find(doc)) do
      if s.term_of[m.name] == wanted then list[#list + 1] = { from = m.from, to = m.to } end
    end
    return list
  end
  for from, to, term in (s.by_name and s.matcher.names or s.matcher.spans)(s.matcher, doc) do
    if term == wanted then list[#list + 1] = { from = from, to = to } end
  end
  return list
end

-- The terms of --terms, and of each the forms: itself, and with --aliases all names of the line that has it.
local function read_terms(ctx)
  local terms, forms, lines = {}, {}, {}
  if ctx.options.aliases then
    local rows, bad = ds.lexicon.aliases(ctx.options.aliases)
    if not rows then ctx:usage("--aliases: " .. bad) end
    for _, line in ipairs(bad) do ctx:reject(line.message) end
    lines = rows
  end
  for term in (ctx.options.terms or ""):gsub("，", ","):gmatch("[^,]+") do
    term = term:match("^%s*(.-)%s*$")
    if term ~= "" and not forms[term] then
      terms[#terms + 1], forms[term] = term, term
      local folded, name = ds.utf8.fold(term), nil
      for _, row in ipairs(lines) do
        if ds.utf8.fold(row.alias) == folded or ds.utf8.fold(row.name) == folded then name = row.name end
      end
      for _, row in ipairs(lines) do
        if row.name == name then forms[row.alias], forms[row.name] = forms[row.alias] or term, forms[row.name] or term end
      end
    end
  end
  return terms, forms
end

-- The entities of --entities: the terms, and what mentions of them are called.
local function read_entities(ctx)
  local s = ctx.state
  s.finder = assert(ds.entities { aliases = ctx.options.aliases })
  for _, bad in ipairs(s.finder.bad_lines) do ctx:reject(bad.message) end
  s.terms, s.term_of = {}, {}
  for term in ctx.options.entities:gsub("，", ","):gmatch("[^,]+") do
    term = term:match("^%s*(.-)%s*$")
    local name = s.finder:name(term)
    if term ~= "" and not s.term_of[name] then s.terms[#s.terms + 1], s.term_of[name] = term, term end
  end
  if #s.terms == 0 then ctx:usage("--entities: no name is given") end
end

-- The likeliest change, with `margin` periods on either side.
local function test_change(counts, sizes, o, seed)
  if o.test == "poisson" then return ds.stats.poisson_change(counts, sizes, { margin = o.margin, seed = seed }) end
  local rates = {}
  for i, n in ipairs(counts) do rates[i] = n / sizes[i] end
  local change = ds.stats.pettitt(rates)
  return change and change.at > o.margin and #rates - change.at + 1 >= o.margin and change or nil
end

-- Cuts a series in two where a test finds a change, and either part again (binary segmentation, Scott and Knott 1974).
local function find_changes(points, first, last, o, seed, found)
  local counts, sizes, at = {}, {}, {}
  for i = first, last do
    if points[i].size > 0 then
      counts[#counts + 1], sizes[#sizes + 1], at[#at + 1] = points[i].count, points[i].size, i
    end
  end
  if #at < 2 * o.margin then return end
  local change = test_change(counts, sizes, o, seed)
  if not change or change.p > o.alpha then return end
  local cut = at[change.at]
  find_changes(points, first, cut - 1, o, seed, found)
  found[#found + 1] = { at = cut, statistic = change.statistic, p = change.p }
  find_changes(points, cut, last, o, seed, found)
end

local function rate(points, first, last)
  local n, size = 0, 0
  for i = first, last do n, size = n + points[i].count, size + points[i].size end
  return size > 0 and n / size or nil
end

-- The series of one term in one source ("": all), and its changes.
local function emit_series(ctx, periods, cells, term, source)
  local o, points, found = ctx.options, {}, {}
  local factor, name = o.per == "chars" and 1e4 or 1, source ~= "" and source or nil
  for i, period in ipairs(periods) do
    local c = cells[period .. "\t" .. source] or new_cell()
    local n, docs = c.n[term] or 0, c.docs[term] or 0
    points[i] = o.per == "chars" and { count = n, size = c.chars } or { count = docs, size = c.articles }
    local value = rate(points, i, i)
    ctx:emit("series", { term = term, source = name, period = period, n = n, docs = docs, articles = c.articles, chars = c.chars,
                         rate = value and value * factor })
  end
  find_changes(points, 1, #points, o, ctx.seed, found)
  for i, c in ipairs(found) do
    local from, to = i > 1 and found[i - 1].at or 1, i < #found and found[i + 1].at - 1 or #points
    ctx:emit("series_changes", { term = term, source = name, period = periods[c.at], before = rate(points, from, c.at - 1) * factor,
                          after = rate(points, c.at, to) * factor, test = o.test, statistic = c.statistic, p = c.p })
  end
end

return {
  about = "Shows how often terms or entities occur, or how a target is judged, over time",
  example = "dsrun trend --terms 价格战,降价 --by week articles/\ndsrun trend --entities 马斯克,R1 --by month articles/\ndsrun trend --stance 马斯克 --by month articles/",
  weighs = true,
  options = {
    { "terms", type = "string", help = "words or phrases, comma between; either script, any case and width" },
    { "entities", type = "string", help = "people, bodies, products or places instead, by all their names, as the plugin entities finds them" },
    { "aliases", type = "file", help = "alias lexicon: a term that a line has counts by all its names" },
    { "stance", type = "string", help = "a target: articles for, against, neither, of those that name it" },
    { "by", type = "choice", choices = { "day", "week", "month", "year" }, default = "week", help = "what a period is" },
    { "per", type = "choice", choices = { "articles", "chars" }, default = "articles",
      help = "the rate: articles with the term per article, or hits per 10,000 characters" },
    { "each-source", type = "boolean", help = "a series for each source besides that of all" },
    { "test", type = "choice", choices = { "poisson", "pettitt" }, default = "poisson", help = "for change points" },
    { "alpha", type = "number", default = 0.05, help = "a change is one when p is not above this" },
    { "margin", type = "integer", default = 3, help = "periods on either side of a change, at least" },
    { "top", type = "integer", default = 30, help = "rows of the report; data formats have all" },
  },
  tables = {
    series = {
      { "term", "string", "the term or entity, or pos, neg, neu of the target" },
      { "source", "string", "empty: all sources together" },
      { "period", "string", "day, ISO week, month or year" },
      { "n", "integer", "hits; with --stance articles" },
      { "docs", "integer", "articles with the term; with --stance those judged so" },
      { "articles", "integer", "the denominator: articles of the period; with --stance those that name the target" },
      { "chars", "integer", "characters of these articles" },
      { "rate", "number", "docs / articles, or n per 10,000 chars, as --per says; empty in a period without articles" },
    },
    series_articles = {
      { "doc", "string", "an article with a hit of the term, or judged so" },
      { "term", "string", "the term, or pos, neg, neu of the target" },
      { "source", "string", "who published it" },
      { "period", "string", "its period" },
      { "n", "integer", "hits; with --stance 1" },
    },
    series_changes = {
      { "term", "string", "the term" },
      { "source", "string", "empty: all sources together" },
      { "period", "string", "the first of the new level" },
      { "before", "number", "rate before it, since the change before" },
      { "after", "number", "rate from it on, up to the next change" },
      { "test", "string", "poisson: likelihood ratio (Worsley 1986), p by permutation; pettitt: rank test (Pettitt 1979)" },
      { "statistic", "number", "2 ln of the likelihood ratio; K" },
      { "p", "number", "of such a statistic without a change, in the stretch that was tested" },
    },
  },

  setup = function(ctx)
    local o, s = ctx.options, ctx.state
    if (o.terms and 1 or 0) + (o.entities and 1 or 0) + (o.stance and 1 or 0) ~= 1 then
      ctx:usage("give --terms LIST, --entities LIST or --stance TARGET")
    end
    if o.margin < 1 or o.top < 0 then ctx:usage("--margin is at least 1, --top not below 0") end
    if o.alpha <= 0 or o.alpha >= 1 then ctx:usage("--alpha is a number between 0 and 1") end
    if o.stance then
      if o.per == "chars" then ctx:usage("--stance counts articles: --per chars belongs to --terms") end
      s.terms = { "pos", "neg", "neu" }
      s.judge = assert(ds.stance { target = o.stance, aliases = o.aliases, segmenter = assert(ds.segmenter { user = ctx.user_dict }) })
      return
    end
    if o.entities then return read_entities(ctx) end
    local terms, forms = read_terms(ctx)
    if #terms == 0 then ctx:usage("--terms: no term is given") end
    s.terms, s.by_name = terms, o.aliases ~= nil
    s.matcher = assert(ds.matcher(forms))
  end,

  map = function(doc, ctx)
    local s, cell = ctx.state, new_cell()
    local period = ds.date.bucket(doc.date, ctx.options.by)
    if not period then return ctx:skip(doc.date and "no day" or "no date") end
    cell.articles, cell.chars = ctx:weight(), ds.utf8.len(doc.text) * ctx:weight()
    if s.judge then
      local label = s.judge:article(s.judge:judge(doc), s.judge:mentions(doc)).label
      if label == "none" then cell = new_cell() else cell.n[label], cell.docs[label] = ctx:weight(), ctx:weight() end
    else
      count_terms(s, doc, cell, ctx:weight())
    end
    ctx:add(period .. "\t", cell)
    for term, n in pairs(cell.n) do
      ctx:emit("series_articles", { doc = doc.id, term = term, source = doc.source_name, period = period, n = n })
    end
    if ctx.options["each-source"] then
      ctx:add(period .. "\t" .. (doc.source_name or "(none)"), add_cell(new_cell(), cell))
    end
  end,

  merge = function(_, a, b) return add_cell(a, b) end,

  finish = function(ctx)
    local o, cells, sources, first, last = ctx.options, {}, {}, nil, nil
    for key, cell in ctx:totals() do
      local period, source = key:match("^(.-)\t(.*)$")
      cells[key], first, last = cell, first or period, period
      if source ~= "" then sources[source] = true end
    end
    if not first then return end
    local periods, message = ds.date.periods(first, last, o.by)
    if not periods then ctx:usage(message .. " are too many: choose a longer period with --by") end
    local list = { "" }
    for source in pairs(sources) do list[#list + 1] = source end
    for _, term in ipairs(ctx.state.terms) do
      for _, source in ipairs(list) do emit_series(ctx, periods, cells, term, source) end
    end
  end,

  report = function(ctx, r)
    local o, pictures, order, totals = ctx.options, {}, {}, {}
    local of = o.stance and "share of the articles that name " .. o.stance or o.per == "chars" and "hits per 10,000 characters" or "share of the articles"
    for _, row in ipairs(ctx:rows("series")) do
      local name = row.source and row.term .. ", " .. row.source or row.term
      if not pictures[name] then
        pictures[name], order[#order + 1] = {}, name
        totals[name] = { name, 0, where = { term = row.term, source = row.source } }
      end
      table.insert(pictures[name], { row.period, row.rate or false })
      totals[name][2] = totals[name][2] + (o.per == "chars" and row.n or row.docs)
    end
    r:heading("By " .. o.by)
    local most = {} -- one scale for the three labels of a target, which are compared
    for _, name in ipairs(order) do
      for _, p in ipairs(pictures[name]) do most[1] = math.max(most[1] or 0, p[2] or 0) end
    end
    local bars, bars_link = {}, nil
    for i, name in ipairs(order) do bars[i] = totals[name] end
    if not o["each-source"] then bars_link = { table = "series_articles", column = "term" } end
    r:bars(bars, { title = o.per == "chars" and "Hits in all" or "Articles in all", rows = bars_link })
    for _, name in ipairs(order) do
      r:series(pictures[name], { title = name .. ": " .. of, unit = of, most = o.stance and most[1] or nil,
                                 rows = { table = "series_articles", column = "period", where = totals[name].where } })
    end
    local shown = {}
    for i, c in ipairs(ctx:rows("series_changes")) do
      shown[i] = { term = c.term, source = c.source, period = c.period, before = c.before, after = c.after, test = c.test,
                   statistic = c.statistic, p = ctx.format == "html" and c.p or ("%.2g"):format(c.p) }
    end
    r:table(shown, { title = "Changes", limit = o.top,
                     columns = { "term", "source", "period", "before", "after", "test", "statistic", "p" } })
    r:table("series", { title = "Series", limit = o.top, heat = { "rate" } })
    if ctx.format == "html" then
      r:table("series_articles", { title = "Articles of each period", heat = { "n" },
                                   places = function(doc, row) return places(ctx.state, doc, row.term) end })
    end
  end,
}
