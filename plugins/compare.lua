---@type ds.Plugin
-- The same quantity, told differently: claims of several articles that are about one thing, with who says what, and whether the
-- numbers can all be true.

local KINDS <const> = { "money", "percent", "multiple", "ratio", "count", "measure", "number", "duration" }

local function wanted(option, verdict)
  return option == "all" or option == verdict or (option == "differ" and verdict ~= "same")
end

-- 5576000, 2.05: without what binary fractions leave behind the twelfth digit.
local function number(x) return math.tointeger(x) or tonumber(("%.12g"):format(x)) end

return {
  about = "Compares what articles say of the same quantity, and shows where they cannot all be right",
  example = "dsrun compare articles/\ndsrun compare --kind money --show conflict -f tsv articles/ > conflicts.tsv",
  weighs = true,
  options = {
    { "show", type = "choice", choices = { "differ", "conflict", "compatible", "same", "all" }, default = "differ",
      help = "groups with this verdict; differ: conflict and compatible" },
    { "kind", type = "string", help = "only these, parted by commas: " .. table.concat(KINDS, ", ") },
    { "docs", type = "integer", default = 2, help = "articles of a group, at least" },
    { "within", type = "number", default = 1.5, help = "the largest value of a group over its least, at most" },
    { "odds", type = "number", default = 10, help = "how much likelier than chance two claims have to be one, at least" },
    { "units", type = "file", default = "lexicons/units.tsv", help = "word, unit, kind, factor" },
    { "aliases", type = "file", default = "lexicons/aliases.tsv", help = "name, alias, type" },
    { "top", type = "integer", default = 10, help = "groups of the report; data formats have all" },
  },
  tables = {
    groups = {
      { "group", "integer", "number of the group, the strongest conflict first" },
      { "verdict", "string", "conflict: no value fits all claims; compatible: some does; same: one value" },
      { "about", "string", "the noun phrase that most of the claims count" },
      { "terms", "list", "words and names that they share most" },
      { "unit", "string", "of the values" },
      { "least", "number", "the least value" },
      { "most", "number", "the greatest" },
      { "differ", "number", "how far apart these are: difference by the larger, 0 to 1" },
      { "fits_from", "number", "when not in conflict: the values that fit all, from" },
      { "fits_to", "number", "… to" },
      { "claims", "integer", "how often it is told" },
      { "docs", "integer", "articles that tell it" },
      { "sources", "integer", "sources; an article without one counts as its own" },
    },
    claims = {
      { "group", "integer", "number of the group" },
      { "verdict", "string", "of the group" },
      { "doc", "string", "article id" },
      { "date", "string", "of the article" },
      { "source", "string", "of the article" },
      { "from", "integer", "first byte in doc.text" },
      { "to", "integer", "last byte" },
      { "text", "string", "as it is written" },
      { "value", "number", "in the unit" },
      { "value_to", "number", "the end of a range, else the value" },
      { "approx", "string", "~ about, > more, < less, >= at least, <= at most; empty: as it stands" },
      { "low", "number", "the least value that the claim allows, by its approximator and its rounding" },
      { "high", "number", "the greatest" },
      { "against", "integer", "claims of the group, of other articles, that cannot be true with it" },
      { "about", "string", "the noun phrase that it counts" },
    },
  },

  setup = function(ctx)
    local o, s = ctx.options, ctx.state
    if o.docs < 2 or o.top < 0 then ctx:usage("--docs is at least 2, --top not below 0") end
    if o.within < 1 then ctx:usage("--within is at least 1: the largest value over the least") end
    if o.odds <= 0 then ctx:usage("--odds is a number above 0") end
    for kind in (o.kind or ""):gmatch("[^,%s]+") do
      local found = false
      for _, k in ipairs(KINDS) do found = found or k == kind end
      if not found then ctx:usage(("--kind: there is no '%s'; kinds are %s"):format(kind, table.concat(KINDS, ", "))) end
      s.kinds = s.kinds or {}
      s.kinds[kind] = true
    end
    local numbers = assert(ds.numbers { units = o.units, user = ctx.user_dict })
    local entities = assert(ds.entities { aliases = o.aliases })
    for _, list in ipairs { numbers.bad_lines, entities.bad_lines } do
      for _, bad in ipairs(list) do ctx:reject(bad.message) end
    end
    s.compare = assert(ds.compare { numbers = numbers, entities = entities })
  end,

  map = function(doc, ctx)
    local claims = ctx.state.compare:claims(doc, ctx.state.kinds)
    for _, c in ipairs(claims) do c.weight = ctx:weight() end
    if #claims > 0 then ctx:add("claims", claims) end
  end,

  merge = function(_, a, b) return table.move(b, 1, #b, #a + 1, a) end,

  finish = function(ctx)
    local o, claims, n = ctx.options, {}, 0
    for _, list in ctx:totals() do claims = list end
    for _, g in ipairs(ctx.state.compare:groups(claims, { docs = o.docs, within = o.within, odds = o.odds })) do
      if wanted(o.show, g.verdict) then
        n = n + 1
        ctx:emit("groups", { group = n, verdict = g.verdict, about = g.about, terms = g.terms, unit = g.unit, least = number(g.claims[1].value),
          most = number(g.claims[#g.claims].value_to), differ = g.differ, fits_from = g.low and number(g.low), fits_to = g.high and number(g.high),
          claims = #g.claims, docs = g.docs, sources = g.sources })
        for _, c in ipairs(g.claims) do
          local against = 0
          for _, other in ipairs(g.claims) do
            if other.doc ~= c.doc and (other.low > c.high or other.high < c.low) then against = against + 1 end
          end
          ctx:emit("claims", { group = n, verdict = g.verdict, doc = c.doc, date = c.date, source = c.source, from = c.from, to = c.to, text = c.text, value = number(c.value),
            value_to = number(c.value_to), approx = c.approx, low = number(c.low), high = number(c.high), against = against, about = c.about })
        end
      end
    end
  end,

  report = function(ctx, r)
    local of, n, conflicts = {}, 0, 0
    for _, c in ipairs(ctx:rows("claims")) do
      of[c.group] = of[c.group] or {}
      table.insert(of[c.group], { text = c.text, date = c.date, source = c.source, doc = c.doc, against = c.against, from = c.from, to = c.to,
                                  value = c.value, unit = c.unit })
    end
    for _, g in ipairs(ctx:rows("groups")) do
      n, conflicts = n + 1, conflicts + (g.verdict == "conflict" and 1 or 0)
    end
    r:heading("The same quantity, told differently")
    r:note(n, " quantities are told by ", ctx.options.docs, " articles or more; ", conflicts, " of them in ways that cannot all be right.")
    for i, g in ipairs(ctx:rows("groups")) do
      if i > ctx.options.top then break end
      local title = ("%d. %s: %s (%s)"):format(g.group, g.verdict, g.about ~= "" and g.about or "–", table.concat(g.terms, " "))
      r:table(of[g.group], { title = title, limit = 12, columns = { "text", "date", "source", "doc", "against" } })
      local places = {}
      for k, c in ipairs(of[g.group]) do places[k] = { doc = c.doc, from = c.from, to = c.to, note = c.date or "" } end
      if i <= 3 then r:evidence(places, { title = "In their sentences", limit = 6 }) end
    end
    if n > ctx.options.top then r:note(ctx.options.top, " of ", n, " groups shown; -f tsv has all.") end
  end,
}
