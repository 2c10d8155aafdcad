---@type ds.Plugin
-- Who and what is named: people, bodies, products, places, each with the ways it is written and why these are one, where it
-- stands, and with whom.

local TYPES <const> = { "person", "org", "product", "place" }
local HEADING <const> = { person = "People", org = "Companies and institutions", product = "Products", place = "Places" }

-- 奥特曼 12, 阿尔特曼 3 (alias), 阿爾特曼 1 (script)
local function listed_forms(forms)
  local list = {}
  for i, f in ipairs(forms) do list[i] = f.form .. " " .. f.n .. (f.how ~= "" and " (" .. f.how .. ")" or "") end
  return table.concat(list, ", ")
end

-- The found entities as an alias file, which query, network, trend, stance and quotes take with --aliases.
local function save(ctx, entities)
  local out = ctx:output("save")
  out:write("# name\talias\ttype\n")
  for _, e in ipairs(entities) do
    local n = 0
    for _, f in ipairs(e.forms) do
      if f.form ~= e.name and f.how ~= "script" then
        n = n + 1
        out:write(e.name, "\t", f.form, "\t", e.type == "org" and "company" or e.type, "\n")
      end
    end
    if n == 0 then out:write(e.name, "\t", e.name, "\t", e.type == "org" and "company" or e.type, "\n") end
  end
end

return {
  about = "Finds the people, companies, products and places that are named, under all their spellings, and who is named with whom",
  example = "dsrun entities --type person --min 2 articles/\ndsrun entities --save names.tsv articles/ && dsrun network --aliases names.tsv articles/",
  weighs = true,
  options = {
    { "type", type = "string", help = "only these, parted by commas: " .. table.concat(TYPES, ", ") },
    { "min", type = "integer", default = 1, help = "only entities with this many mentions" },
    { "together", type = "choice", choices = { "sentence", "paragraph", "article" }, default = "sentence",
      help = "a pair stands in one of these" },
    { "mode", type = "choice", choices = { "default", "accurate" }, default = "default",
      help = "of the segmenter; accurate adds a neural tagger's names, at 0.4 MB/s" },
    { "aliases", type = "file", default = "lexicons/aliases.tsv", help = "name, alias, type" },
    { "places", type = "file", default = "lexicons/places.tsv", help = "name, kind" },
    { "save", type = "output", help = "write the entities as an alias file, for --aliases of other plugins" },
    { "top", type = "integer", default = 15, help = "rows of each table of the report; data formats have all" },
  },
  tables = {
    entities = {
      { "name", "string", "as the alias file has it; else the most frequent full form, in Simplified characters" },
      { "type", "string", "person, org (companies, institutions, media), product or place" },
      { "n", "integer", "mentions in the text; titles are not counted" },
      { "docs", "integer", "articles with it" },
      { "first", "string", "date of the earliest of these; empty when none has one" },
      { "forms", "string", "the ways it is written, with counts, and by what they were joined to the name" },
      { "listed", "boolean", "the alias file has it" },
    },
    forms = {
      { "name", "string", "the entity" },
      { "form", "string", "as it is written" },
      { "n", "integer", "mentions" },
      { "docs", "integer", "articles" },
      { "how", "string", "empty: as the name; alias: by the alias file; script: other characters; ending: 杭州市; part: 哈萨比斯 of 德米斯·哈萨比斯; spelling: sounds alike" },
      { "because", "string", "of part and spelling: what speaks for it" },
      { "rule", "string", "how it was found: alias, list, dotted, name, ending, model, latin, part, tagger; doc/plugins/entities.md" },
    },
    mentions = {
      { "doc", "string", "article id" },
      { "from", "integer", "first byte in doc.text" },
      { "to", "integer", "last byte" },
      { "text", "string", "as it is written" },
      { "name", "string", "by the alias file and within the article; table forms leads to the entity" },
      { "type", "string", "person, org, product or place" },
      { "rule", "string", "how it was found" },
    },
    pairs = {
      { "a", "string", "an entity" },
      { "b", "string", "another" },
      { "n", "integer", "sentences (or what --together says) with both" },
      { "docs", "integer", "articles with such a one" },
      { "doc", "string", "the first of these, by id" },
      { "from", "integer", "first byte of the place there" },
      { "to", "integer", "last byte" },
    },
  },

  setup = function(ctx)
    local o, s = ctx.options, ctx.state
    if o.min < 1 or o.top < 0 then ctx:usage("--min is at least 1, --top not below 0") end
    if o.type then
      s.types = {}
      for type in o.type:gmatch("[^,%s]+") do
        if not HEADING[type] then ctx:usage(("--type: there is no '%s'; types are %s"):format(type, table.concat(TYPES, ", "))) end
        s.types[type] = true
      end
    end
    local segmenter = o.mode == "accurate" and assert(ds.segmenter { mode = o.mode, user = ctx.user_dict }) or nil
    s.finder = assert(ds.entities { aliases = o.aliases, places = o.places, segmenter = segmenter })
    for _, bad in ipairs(s.finder.bad_lines) do ctx:reject(bad.message) end
  end,

  map = function(doc, ctx)
    local s, wanted = ctx.state, {}
    for _, m in ipairs(s.finder:find(doc)) do
      if not s.types or s.types[m.type] then
        wanted[#wanted + 1] = m
        ctx:emit("mentions", { doc = doc.id, from = m.from, to = m.to, text = m.text, name = m.name, type = m.type, rule = m.rule })
      end
    end
    for key, part in pairs(ds.mentions.tally(s.finder, doc, wanted, ctx.options.together, ctx:weight())) do ctx:add(key, part) end
  end,

  merge = function(_, a, b) return ds.mentions.add(a, b) end,

  finish = function(ctx)
    local entities, together = ds.mentions.sum(ctx.state.finder, ctx:totals())
    local kept, known = {}, {}
    for _, e in ipairs(entities) do
      if e.n >= ctx.options.min then
        kept[#kept + 1], known[e.name] = e, true
        ctx:emit("entities", { name = e.name, type = e.type, n = e.n, docs = e.docs, first = e.first, forms = listed_forms(e.forms), listed = e.listed })
        for _, f in ipairs(e.forms) do
          ctx:emit("forms", { name = e.name, form = f.form, n = f.n, docs = f.docs, how = f.how, because = f.because, rule = f.rule })
        end
      end
    end
    for _, p in ipairs(together) do
      if known[p.a] and known[p.b] then ctx:emit("pairs", p) end
    end
    if ctx.options.save then save(ctx, kept) end
  end,

  report = function(ctx, r)
    local of, merges, places, top = {}, {}, {}, ctx.options.top
    for _, row in ipairs(ctx:rows("entities")) do
      of[row.type] = of[row.type] or {}
      table.insert(of[row.type], { name = row.name, n = row.n, docs = row.docs, first = row.first, forms = row.forms })
    end
    for _, f in ipairs(ctx:rows("forms")) do
      if f.because then merges[#merges + 1] = { name = f.name, form = f.form, n = f.n, how = f.how, because = f.because } end
    end
    for _, p in ipairs(ctx:rows("pairs")) do places[#places + 1] = { doc = p.doc, from = p.from, to = p.to, note = p.a .. " – " .. p.b } end
    r:heading("Who and what is named")
    r:note(#ctx:rows("entities"), " entities, ", #ctx:rows("mentions"), " mentions.")
    for _, type in ipairs(TYPES) do
      if of[type] then r:table(of[type], { title = HEADING[type], limit = top, columns = { "name", "n", "docs", "first", "forms" } }) end
    end
    if #merges > 0 then r:table(merges, { title = "Joined by sound or as a part", limit = top, columns = { "name", "form", "n", "how", "because" } }) end
    r:table("pairs", { title = "Named together", limit = top, columns = { "a", "b", "n", "docs" } })
    if ctx.options.together == "sentence" then r:evidence(places, { title = "Where they stand together first", limit = 5 }) end
  end,
}
