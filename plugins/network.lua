---@type ds.Plugin
-- Who and what is named together: a network of names or words, its edges those that chance does not explain.

local CRITICAL = { ["0.05"] = 3.841458820694124, ["0.01"] = 6.634896601021213, ["0.001"] = 10.827566170662733,
  ["0.0001"] = 15.136705226623606, ["1"] = 0 } -- of chi-square with one degree of freedom

local DRAWN <const> = 200 -- nodes of a picture

-- Types of entities, numbered so that the larger of two is one choice, whatever the order of articles.
local TYPES <const> = { "place", "product", "org", "person" }
local TYPE_NUMBER <const> = { place = 1, product = 2, org = 3, person = 4 }
local ENTITY_TYPE <const> = { person = "person", org = "org", company = "org", institution = "org", product = "product", place = "place" }

local UNITS = {
  sentence = function(doc)
    local next_sentence = doc:sentences()
    return function()
      local s = next_sentence()
      while s and not s.from do s = next_sentence() end -- the title has no place
      return s
    end
  end,
  paragraph = function(doc) return doc:paragraphs() end,
  article = function(doc)
    local done = false
    return function()
      if done or doc.text == "" then return nil end
      done = true
      return { from = 1, to = #doc.text, text = doc.text }
    end
  end,
}

local function earlier(a, b)
  return a.doc < b.doc or (a.doc == b.doc and a.from <= b.from)
end

local function add_up(a, b)
  local first = earlier(a, b) and a or b
  return { n = a.n + b.n, docs = a.docs + b.docs, doc = first.doc, from = first.from, to = first.to, type = a.type and math.max(a.type, b.type) }
end

-- From every form to the name it stands for: those of --words, or the lines of the alias lexicon.
local function forms_of(ctx)
  local o, forms = ctx.options, {}
  for word in (o.words or ""):gsub("，", ","):gmatch("[^,]+") do
    word = word:match("^%s*(.-)%s*$")
    if word ~= "" then forms[word] = word end
  end
  if o.words then return forms end
  local rows, bad = ds.lexicon.aliases(o.aliases)
  if not rows then ctx:usage("--aliases: " .. bad) end
  for _, line in ipairs(bad) do ctx:reject(line.message) end
  for _, row in ipairs(rows) do
    if not o.type or row.type == o.type then forms[row.alias], forms[row.name] = forms[row.alias] or row.name, row.name end
  end
  return forms
end

-- The names in a stretch of text.
local function names_in(matcher, text)
  local seen, list = {}, {}
  for _, _, label in matcher:names(text) do
    if not seen[label] then seen[label], list[#list + 1] = true, label end
  end
  table.sort(list)
  return list
end

-- The entities that an article names, of the wanted type, and where in each unit they stand: from its first byte to the names.
local function entities_in(state, doc, unit)
  local mentions, lists = {}, {}
  for _, m in ipairs(state.finder:find(doc)) do
    if not state.type or m.type == state.type then mentions[#mentions + 1] = m end
  end
  for _, u in ipairs(ds.mentions.units(doc, mentions, unit)) do lists[u.from] = u.names end
  local types = {}
  for _, m in ipairs(mentions) do types[m.name] = m.type end
  return lists, types
end

-- Names that are one entity under two spellings, joined over the articles: from each name to that of its node.
local function canonical_names(finder, nodes, pairs_found)
  local sums, by_name = {}, {}
  for name, node in pairs(nodes) do
    by_name[name] = { name = name, types = { [node.type] = node.n }, forms = {}, near = {} }
    sums[#sums + 1] = by_name[name]
  end
  for _, p in ipairs(pairs_found) do by_name[p.a].near[p.b], by_name[p.b].near[p.a] = p.t.n, p.t.n end
  local _, canonical = finder:merge(sums)
  return canonical
end

-- Nodes and pairs under the names of `canonical`.
local function join_names(canonical, nodes, pairs_found)
  local joined, list, at = {}, {}, {}
  for name, node in pairs(nodes) do
    local head = canonical[name]
    local old = joined[head] or { name = head, n = 0, docs = 0, degree = 0, strength = 0 }
    old.n, old.docs, joined[head] = old.n + node.n, old.docs + node.docs, old
  end
  for _, p in ipairs(pairs_found) do
    local a, b = canonical[p.a], canonical[p.b]
    if b < a then a, b = b, a end
    local old = at[a .. "\t" .. b]
    if old then
      old.t = add_up(old.t, p.t)
    elseif a ~= b then
      list[#list + 1] = { a = a, b = b, t = p.t }
      at[a .. "\t" .. b] = list[#list]
    end
  end
  return joined, list
end


-- The nodes with edges, the strongest ones when there are more than `most`.
local function graph_of(list, edges, weight, most)
  local nodes, lines, known = {}, {}, {}
  for _, node in ipairs(list) do
    if node.degree > 0 and #nodes < most then
      nodes[#nodes + 1], known[node.name] = { id = node.name, weight = node.n }, true
    end
  end
  for _, e in ipairs(edges) do
    if known[e.a] and known[e.b] then -- a file takes weights above 0 only; log_dice may be below
      lines[#lines + 1] = { source = e.a, target = e.b, weight = math.max(e[weight], 1e-6) }
    end
  end
  return ds.graph(nodes, lines)
end

return {
  about = "Draws a network of names or words that stand together more often than by chance",
  example = "dsrun network --unit sentence --svg net.svg --graphml net.graphml articles/\n" ..
    "dsrun network --entities --type person articles/\n" ..
    "dsrun network --words 价格战,降价,成本,免费,开源 articles/",
  weighs = true,
  options = {
    { "aliases", type = "file", default = "lexicons/aliases.tsv", help = "names with their aliases" },
    { "type", type = "string", help = "only names of this type in the lexicon: person, company …" },
    { "entities", type = "boolean", help = "every person, body, product and place that the plugin entities finds, not only those of the lexicon" },
    { "words", type = "string", help = "these words instead, comma between, in either script" },
    { "unit", type = "choice", choices = { "sentence", "paragraph", "article" }, default = "sentence", help = "together is within one" },
    { "min", type = "integer", default = 2, help = "units with both, at least" },
    { "level", type = "choice", choices = { "0.05", "0.01", "0.001", "0.0001", "1" }, default = "0.01",
      help = "significance of an edge, by log-likelihood; 1: every edge" },
    { "weight", type = "choice", choices = { "n", "ll", "log_dice" }, default = "n", help = "weight of an edge in pictures and files" },
    { "graphml", type = "output", help = "write the network as GraphML" },
    { "gexf", type = "output", help = "write it as GEXF" },
    { "svg", type = "output", help = "draw it, of more than 200 names the strongest" },
    { "top", type = "integer", default = 30, help = "rows of each table of the report; data formats have all" },
  },
  tables = {
    nodes = {
      { "name", "string", "the name or word" },
      { "n", "integer", "units with it" },
      { "docs", "integer", "articles with it" },
      { "degree", "integer", "edges" },
      { "strength", "number", "their weights together" },
    },
    edges = {
      { "a", "string", "a name" },
      { "b", "string", "another" },
      { "n", "integer", "units with both" },
      { "e", "number", "how many there would be by chance" },
      { "ll", "number", "log-likelihood (Dunning 1993)" },
      { "log_dice", "number", "14 + log2 of the Dice coefficient (Rychlý 2008)" },
      { "docs", "integer", "articles where they stand together" },
      { "doc", "string", "the first of these, by id" },
      { "from", "integer", "first byte of the unit there" },
      { "to", "integer", "last byte" },
    },
    totals = {
      { "unit", "string", "what together means" },
      { "units", "integer", "how many there are" },
      { "pairs", "integer", "pairs that stand together at all" },
      { "edges", "integer", "those kept" },
    },
  },

  setup = function(ctx)
    local o = ctx.options
    if o.min < 1 or o.top < 0 then ctx:usage("--min is at least 1, --top not below 0") end
    if o.words and o.entities then ctx:usage("give --words or --entities") end
    if o.entities then
      local s = ctx.state
      s.type = o.type and (ENTITY_TYPE[o.type] or ctx:usage("--type: with --entities it is person, org, product or place"))
      s.finder = assert(ds.entities { aliases = o.aliases })
      for _, bad in ipairs(s.finder.bad_lines) do ctx:reject(bad.message) end
      return
    end
    local forms = forms_of(ctx)
    if next(forms) == nil then ctx:usage(o.words and "--words: no word is given" or "--aliases: no name of this type") end
    ctx.state.matcher = assert(ds.matcher(forms))
  end,

  map = function(doc, ctx)
    local units, nodes, edges, weight = 0, {}, {}, ctx:weight()
    local lists, types
    if ctx.state.finder then lists, types = entities_in(ctx.state, doc, ctx.options.unit) end
    for unit in UNITS[ctx.options.unit](doc) do
      local list
      if lists then list = lists[unit.from] or {} else list = names_in(ctx.state.matcher, unit.text) end
      units = units + weight
      for i, a in ipairs(list) do
        nodes[a] = (nodes[a] or 0) + weight
        for k = i + 1, #list do
          local key = a .. "\t" .. list[k]
          edges[key] = edges[key] or { n = 0, docs = weight, doc = doc.id, from = unit.from, to = unit.to }
          edges[key].n = edges[key].n + weight
        end
      end
    end
    ctx:add("", { n = units, docs = weight, doc = doc.id, from = 0, to = 0 })
    for name, n in pairs(nodes) do
      ctx:add(name, { n = n, docs = weight, doc = doc.id, from = 0, to = 0, type = types and TYPE_NUMBER[types[name]] })
    end
    for key, e in pairs(edges) do ctx:add(key, e) end
  end,

  merge = function(_, a, b) return add_up(a, b) end,

  finish = function(ctx)
    local o, nodes, pairs_found, units, edges = ctx.options, {}, {}, 0, {}
    for key, t in ctx:totals() do
      local a, b = key:match("^(.-)\t(.*)$")
      if key == "" then units = t.n
      elseif a then pairs_found[#pairs_found + 1] = { a = a, b = b, t = t }
      else nodes[key] = { name = key, n = t.n, docs = t.docs, degree = 0, strength = 0, type = TYPES[t.type] } end
    end
    if ctx.state.finder then
      nodes, pairs_found = join_names(canonical_names(ctx.state.finder, nodes, pairs_found), nodes, pairs_found)
    end
    for _, p in ipairs(pairs_found) do
      local m = ds.stats.assoc { o11 = p.t.n, r1 = nodes[p.a].n, c1 = nodes[p.b].n, n = units }
      if p.t.n >= o.min and (o.level == "1" or (m.ll >= CRITICAL[o.level] and m.o > m.e)) then
        edges[#edges + 1] = { a = p.a, b = p.b, n = p.t.n, e = m.e, ll = m.ll, log_dice = m.log_dice, docs = p.t.docs,
                              doc = p.t.doc, from = p.t.from, to = p.t.to }
      end
    end
    table.sort(edges, function(x, y)
      if x[o.weight] ~= y[o.weight] then return x[o.weight] > y[o.weight] end
      return x.a < y.a or (x.a == y.a and x.b < y.b)
    end)
    for _, e in ipairs(edges) do
      for _, name in ipairs { e.a, e.b } do
        nodes[name].degree, nodes[name].strength = nodes[name].degree + 1, nodes[name].strength + e[o.weight]
      end
      ctx:emit("edges", e)
    end
    local list = {}
    for _, node in pairs(nodes) do list[#list + 1] = node end
    table.sort(list, function(x, y) return x.strength > y.strength or (x.strength == y.strength and (x.n > y.n or (x.n == y.n and x.name < y.name))) end)
    for _, node in ipairs(list) do ctx:emit("nodes", node) end
    ctx:emit("totals", { unit = o.unit, units = units, pairs = #pairs_found, edges = #edges })
    for _, format in ipairs { "graphml", "gexf", "svg" } do
      if o[format] then
        local graph = graph_of(list, edges, o.weight, format == "svg" and DRAWN or math.huge)
        ctx:output(format):write(graph[format](graph))
      end
    end
  end,

  report = function(ctx, r)
    local total, o, bars, places = ctx:rows("totals")[1], ctx.options, {}, {}
    for i, e in ipairs(ctx:rows("edges")) do
      bars[i] = { e.a .. " – " .. e.b, math.max(0, e[o.weight]) }
      places[i] = { doc = e.doc, from = e.from, to = e.to, note = e.a .. " – " .. e.b }
    end
    r:heading("Network")
    r:figures({ { total.units, "units" }, { total.pairs, "pairs" }, { total.edges, "edges kept" } }, { note =
      total.pairs .. " pairs stand together in one " .. total.unit .. " of " .. total.units .. "; " .. total.edges .. " of them " ..
      (o.level == "1" and "" or "more often than by chance (p below " .. o.level .. "), ") .. "at least " .. o.min .. " times." })
    local graph = graph_of(ctx:rows("nodes"), ctx:rows("edges"), o.weight, math.huge)
    if ctx.format == "html" then r:network(graph.nodes, graph.edges, { title = "Network", rows = { table = "edges", column = { "a", "b" } } }) end
    r:bars(bars, { title = "Strongest edges, by " .. o.weight, limit = 20 })
    r:table("edges", { title = "Edges", limit = o.top, columns = { "a", "b", "n", "e", "ll", "log_dice", "docs" } })
    r:table("nodes", { title = "Nodes", limit = o.top })
    if o.unit == "sentence" then r:evidence(places, { title = "Where they stand together first", limit = 8 }) end
  end,
}
