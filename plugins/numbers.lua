---@type ds.Plugin
-- What is claimed in numbers: money, percentages, counts, multiples, fractions, ranges, durations, dates, each with its
-- value in a unit, what it is about, and the passage.

local KINDS = { "money", "percent", "multiple", "ratio", "count", "measure", "number", "duration", "date" }

local function is_wanted(kinds, r) return not kinds or kinds[r.kind] end

-- 5576000 CNY, 5 to 6 %, 2025-01-27.
local function shown(row)
  if row.kind == "date" then
    return (row.date or "open") .. (row.date_to and " to " .. row.date_to or "")
  end
  local value = row.value and tostring(row.value) or "?"
  if row.value_to ~= row.value then value = value .. " to " .. tostring(row.value_to) end
  return (row.approx ~= "" and row.approx .. " " or "") .. value .. (row.unit and " " .. row.unit or "")
    .. (row.per and "/" .. row.per or "") .. (row.implied and " (currency implied)" or "")
    .. (row.direction and ", " .. row.direction or "")
end

return {
  about = "Finds what is said in numbers: money, shares, counts, ranges, dates, with value, unit and subject",
  example = "dsrun numbers --kind money -f tsv articles/ > money.tsv",
  weighs = true,
  options = {
    { "kind", type = "string", help = "only these, parted by commas: " .. table.concat(KINDS, ", ") },
    { "about", type = "string", help = "only quantities whose subject holds this; either script" },
    { "units", type = "file", default = "lexicons/units.tsv", help = "word, unit, kind, factor" },
    { "evidence", type = "integer", default = 12, help = "passages shown in the report" },
  },
  tables = {
    numbers = {
      { "doc", "string", "article id" },
      { "from", "integer", "first byte in doc.text, approximators included" },
      { "to", "integer", "last byte, the unit included" },
      { "text", "string", "as it is written" },
      { "value", "number", "in the unit; empty when the text names none (几十万), and for dates" },
      { "value_to", "number", "the end of a range, else the value" },
      { "unit", "string", "USD, CNY, HKD, TWD, EUR, JPY …, %, pp, x, ratio, year, day, km, …; of counts the measure word" },
      { "kind", "string", "money, percent, multiple, ratio, count, measure, number, duration or date" },
      { "approx", "string", "~ about, > more, < less, >= at least, <= at most, some: no value; empty: exact" },
      { "direction", "string", "up or down: growth or decline is told of it" },
      { "implied", "boolean", "true: the currency is not written here but taken from the nearest that is" },
      { "per", "string", "what it is counted per, as written (月, 百万token)" },
      { "about", "string", "the noun phrase that it counts, or the nearest before it" },
      { "date", "string", "of dates: 2025-01-27, 2025-01, 2025, 2024-Q4, 2024-H1, 2025-W05; empty: left open" },
      { "date_to", "string", "the last day, month or year of a period" },
    },
    totals = {
      { "kind", "string", "kind of quantity" },
      { "n", "integer", "how many" },
      { "docs", "integer", "articles that have one" },
    },
  },

  setup = function(ctx)
    local o = ctx.options
    if o.evidence < 0 then ctx:usage("--evidence is a number of passages, not below 0") end
    if o.kind then
      local known = {}
      ctx.state.kinds = {}
      for _, kind in ipairs(KINDS) do known[kind] = true end
      for kind in o.kind:gmatch("[^,%s]+") do
        if not known[kind] then ctx:usage(("--kind: there is no '%s'; kinds are %s"):format(kind, table.concat(KINDS, ", "))) end
        ctx.state.kinds[kind] = true
      end
    end
    ctx.state.about = o.about and ds.utf8.fold(o.about)
    ctx.state.finder = assert(ds.numbers { units = o.units, user = ctx.user_dict })
    for _, bad in ipairs(ctx.state.finder.bad_lines) do ctx:reject(bad.message) end
  end,

  map = function(doc, ctx)
    local state, n = ctx.state, {}
    for _, r in ipairs(state.finder:find(doc)) do
      local about = state.about
      if is_wanted(state.kinds, r) and (not about or (r.about and ds.utf8.fold(r.about):find(about, 1, true))) then
        r.doc, r.number_from, r.about_from, r.about_to = doc.id, nil, nil, nil
        ctx:emit("numbers", r)
        n[r.kind] = (n[r.kind] or 0) + 1
      end
    end
    for kind, times in pairs(n) do
      ctx:add("n " .. kind, times * ctx:weight())
      ctx:add("docs " .. kind, ctx:weight())
    end
  end,

  finish = function(ctx)
    local sum = {}
    for key, n in ctx:totals() do sum[key] = n end
    for _, kind in ipairs(KINDS) do
      if sum["n " .. kind] then ctx:emit("totals", { kind = kind, n = sum["n " .. kind], docs = sum["docs " .. kind] }) end
    end
  end,

  report = function(ctx, r)
    local rows, bars, passages, docs = ctx:rows("numbers"), {}, {}, {}
    local n_docs = 0
    for _, k in ipairs(ctx:rows("totals")) do bars[#bars + 1] = { k.kind, k.n } end
    for _, row in ipairs(rows) do
      if not docs[row.doc] then docs[row.doc], n_docs = true, n_docs + 1 end
      if row.kind ~= "date" and row.kind ~= "duration" or ctx.options.kind then
        passages[#passages + 1] = { doc = row.doc, from = row.from, to = row.to,
          note = shown(row) .. (row.about and ": " .. row.about or "") }
      end
    end
    r:heading("Numbers")
    r:figures({ { #rows, "quantities" }, { n_docs, "articles with one" } }, { note = #rows .. " quantities in " .. n_docs .. " articles." })
    r:bars(bars, { title = "Kinds", rows = { table = "numbers", column = "kind" } })
    r:table("numbers", { title = "Quantities", limit = 30,
      columns = { "doc", "text", "value", "value_to", "unit", "approx", "direction", "about" } })
    if ctx.options.evidence > 0 then r:evidence(passages, { title = "In their sentences", limit = ctx.options.evidence }) end
  end,
}
