---@type ds.Plugin
-- Who thinks what of a person, a company, a product: every sentence that names the target, judged, with the words that
-- made it so; then a label for every article.

-- The strongest first; title and body alike.
local function by_strength(a, b)
  if math.abs(a.score) ~= math.abs(b.score) then return math.abs(a.score) > math.abs(b.score) end
  if a.doc ~= b.doc then return a.doc < b.doc end
  return (a.from or 0) < (b.from or 0)
end

local function cue_note(row)
  local parts = {}
  for _, cue in ipairs(row.cues) do
    parts[#parts + 1] = ("%s %+.1f (%s)"):format(cue.cue, cue.weight, cue.rule)
  end
  return ("%s, %s: %s"):format(row.label, row.voice, table.concat(parts, "; "))
end

local function evidence(rows, label)
  local out = {}
  for _, row in ipairs(rows) do
    if row.label == label then
      local marks = {}
      for _, cue in ipairs(row.cues) do
        if cue.from then marks[#marks + 1] = { from = cue.from, to = cue.to } end
      end
      out[#out + 1] = { doc = row.doc, from = row.from, to = row.to, text = row.part == "title" and row.text or nil,
                        marks = marks, note = cue_note(row), score = row.score }
    end
  end
  table.sort(out, by_strength)
  return out
end

-- The share of each side among the articles of a month that name the target.
local function over_time(ctx, r)
  local n, first, last = {}, nil, nil
  for key, count in ctx:totals() do
    local month = key:match("^(%d%d%d%d%-%d%d) ")
    if month then n[key], first, last = count, first or month, month end
  end
  local months = first and ds.date.periods(first, last, "month") or {}
  if #months < 2 then return end
  for _, side in ipairs { { "pos", "Share of articles that are for" }, { "neg", "Share of articles that are against" } } do
    local points = {}
    for i, month in ipairs(months) do
      local all = 0
      for _, label in ipairs { "pos", "neg", "neu" } do all = all + (n[month .. " " .. label] or 0) end
      points[i] = { month, all > 0 and (n[month .. " " .. side[1]] or 0) / all }
    end
    r:series(points, { title = side[2], most = 1, rows = { table = "Articles", date = true, where = { label = side[1] } } })
  end
end

-- Who judges, and how.
local function voices(sentences, r)
  local list, of = {}, {}
  for _, s in ipairs(sentences) do
    local v = of[s.voice] or { voice = s.voice, sentences = 0, pos = 0, neg = 0, neu = 0 }
    if not of[s.voice] then of[s.voice], list[#list + 1] = v, v end
    v.sentences, v[s.label] = v.sentences + 1, v[s.label] + 1
  end
  local bars = {}
  for i, v in ipairs(list) do bars[i] = { v.voice, v.sentences } end
  r:bars(bars, { title = "Voices", sort = true, limit = 12, rows = { table = "sentences", column = "voice" } })
  r:table(list, { title = "Each voice", columns = { "voice", "sentences", "pos", "neg", "neu" }, sort = { "-sentences", "voice" } })
end

-- Whether the file of aliases has a name.
local function is_listed(name, aliases)
  local key = ds.utf8.fold(name)
  for _, row in ipairs(ds.lexicon.aliases(aliases) or {}) do
    if ds.utf8.fold(row.name) == key or ds.utf8.fold(row.alias) == key then return true end
  end
  return false
end

return {
  about = "Judges every sentence about a target: praised, blamed, or neither, by whom, and why",
  example = "dsrun stance --target DeepSeek articles/",
  weighs = true,
  options = {
    { "target", type = "string", default = "马斯克", help = "name of a person, company, product; either script" },
    { "aliases", type = "file", default = "lexicons/aliases.tsv", help = "name, alias, type" },
    { "sentiment", type = "file", default = "lexicons/sentiment.tsv", help = "word, weight, register, falls" },
    { "evidence", type = "integer", default = 8, help = "passages shown for each side of the report" },
  },
  tables = {
    sentences = {
      { "doc", "string", "article id" },
      { "from", "integer", "first byte of the sentence in doc.text; empty for a title" },
      { "to", "integer", "last byte" },
      { "part", "string", "body or title" },
      { "text", "string", "the sentence" },
      { "label", "string", "pos, neg or neu: toward the target" },
      { "score", "number", "-1 to 1" },
      { "voice", "string", "author, or the name of the one who judges" },
      { "cues", "list", "{from, to, cue, weight, rule}: what the score is made of" },
    },
    articles = {
      { "doc", "string", "article id" },
      { "mentions", "integer", "places in the body that name the target" },
      { "pos", "integer", "sentences that speak for it" },
      { "neg", "integer", "sentences that speak against it" },
      { "neu", "integer", "sentences that only name it" },
      { "label", "string", "pos or neg when that side leads by a tenth of the sentences, at least one; else neu; none: not named" },
      { "score", "number", "mean of the sentences' scores" },
    },
  },

  setup = function(ctx)
    local o = ctx.options
    if not o.target:find("%S") then ctx:usage("--target is a name, such as 马斯克") end
    if o.evidence < 0 then ctx:usage("--evidence is a number of passages, not below 0") end
    ctx.state.judge = assert(ds.stance {
      target = o.target, aliases = o.aliases, sentiment = o.sentiment,
      segmenter = assert(ds.segmenter { user = ctx.user_dict }),
    })
    for _, bad in ipairs(ctx.state.judge.bad_lines) do ctx:reject(bad.message) end
  end,

  map = function(doc, ctx)
    local judge = ctx.state.judge
    local records = judge:judge(doc)
    for _, r in ipairs(records) do
      r.doc = doc.id
      ctx:emit("sentences", r)
    end
    local a = judge:article(records, judge:mentions(doc))
    a.doc = doc.id
    ctx:emit("articles", a)
    ctx:add("articles", 1)
    ctx:add("named", #records > 0 and 1 or 0)
    local month = a.label ~= "none" and ds.date.bucket(doc.date, "month")
    if month then ctx:add(month .. " " .. a.label, 1) end
  end,

  finish = function(ctx)
    local sum = {}
    for key, n in ctx:totals() do sum[key] = n end
    local o = ctx.options
    if sum.named == 0 and not is_listed(o.target, o.aliases) then
      print(("stance: '%s' is in no line of %s, and none of the articles (%d) names it")
        :format(o.target, o.aliases, sum.articles))
    end
  end,

  report = function(ctx, r)
    local articles, sentences, named = ctx:rows("articles"), ctx:rows("sentences"), {}
    local n = { pos = 0, neg = 0, neu = 0 }
    for _, s in ipairs(sentences) do n[s.label] = n[s.label] + (s.weight or 1) end
    for _, a in ipairs(articles) do
      if a.label ~= "none" then named[#named + 1] = a end
    end
    r:heading("Stance toward ", ctx.state.judge.target)
    r:figures({ { #named, "articles name the target" }, { #articles, "articles read" }, { n.pos, "sentences for" },
                { n.neg, "sentences against" }, { n.neu, "sentences neither" } },
      { note = #named .. " of " .. #articles .. " articles name the target, in " .. #sentences .. " sentences: " .. n.pos .. " for, " ..
        n.neg .. " against, " .. n.neu .. " neither." })
    local rows = { table = "sentences", column = "label" }
    r:bars({ { "for", n.pos, "pos", tone = "good" }, { "against", n.neg, "neg", tone = "bad" }, { "neither", n.neu, "neu", tone = "neutral" } },
           { title = "Sentences", rows = rows })
    if ctx.format == "html" then over_time(ctx, r) end
    if ctx.format == "html" then voices(sentences, r) end
    r:table(named, { title = "Articles", columns = { "doc", "label", "score", "mentions", "pos", "neg", "neu" }, limit = 40, heat = { "pos", "neg" } })
    for _, side in ipairs { { "neg", "Against" }, { "pos", "For" } } do
      local list = evidence(sentences, side[1])
      if #list > 0 then r:evidence(list, { title = side[2], limit = ctx.options.evidence }) end
    end
  end,
}
