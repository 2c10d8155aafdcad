---@type ds.Plugin
-- Who thinks what of a person, a company, a thing: every sentence that names the target, judged, with the words that
-- made it so; then by article, by voice, over time.  A user's own labels train a model that corrects the rules.

-- ------------------------------------------------------------------ labels of the user's own

local function percent(x) return math.floor(x * 10000 + 0.5) / 100 end

local function check_learning(ctx)
  local o = ctx.options
  if o.save and not o.train then ctx:usage("--save goes with --train LABELLED") end
  if o.train and (o.model or o.pairs or o.review > 0 or o.explain) then ctx:usage("--train goes with --save and --folds only") end
  if o.train and o.folds < 2 and o.folds ~= 0 then ctx:usage("--folds is 2 or more, or 0 for none") end
  if o.train and o.folds == 0 and not o.save then ctx:usage("--train without --save and without --folds does nothing") end
  if o.pairs and o.explain then ctx:usage("--explain is for articles, not for --pairs") end
  if o.review < 0 then ctx:usage("--review is a number of sentences, not below 0") end
end

local function train(ctx)
  local o = ctx.options
  local function fail(message) ctx:usage(("%s: %s"):format(o.train, message)) end
  local trainer = assert(ds.stance_trainer { seed = math.max(1, ctx.seed), aliases = o.aliases, sentiment = o.sentiment,
                                             segmenter = ctx.state.segmenter })
  local _, message = trainer:add_file(o.train, function(bad) ctx:reject(bad) end)
  if message then ctx:usage(message) end
  if trainer:examples() == 0 then fail("no labels in it: lines of label (pos, neg, neu), target and text are wanted, TABs between them") end
  local held
  if o.folds > 0 then
    local scores, why, guesses = trainer:cross_validate(o.folds)
    if not scores then fail(why) end
    held = guesses
    for _, s in ipairs(scores) do
      ctx:emit("training", { what = s.what, n = s.n, accuracy = percent(s.accuracy), macro_f1 = percent(s.macro_f1),
                             neg = percent(s.neg), neu = percent(s.neu), pos = percent(s.pos) })
    end
  end
  for _, r in ipairs(held or {}) do ctx:emit("pairs", r) end
  if not o.save then return end
  local model, why = trainer:train(("%d labels, seed %d"):format(trainer:examples(), ctx.seed))
  if not model then fail(why) end
  ctx:output("save"):write(model)
  ctx:emit("training", { what = "model", n = trainer:examples(), bytes = #model })
end

-- A sentence to be labelled by the user: ? stands where the label goes.
local function question(target, text, record, sure, doc)
  return { label = "?", target = target, text = (text:gsub("%s+", " ")), guess = record.label, sure = sure, doc = doc,
           from = record.from, to = record.to }
end

local function less_sure(a, b)
  if a.sure ~= b.sure then return a.sure < b.sure end
  if a.doc ~= b.doc then return (a.doc or "") < (b.doc or "") end
  if a.from ~= b.from then return (a.from or 0) < (b.from or 0) end
  return a.text < b.text
end

-- The n that are least sure of two lists.
local function least_sure(a, b, n)
  local all = table.move(b, 1, #b, #a + 1, table.move(a, 1, #a, 1, {}))
  table.sort(all, less_sure)
  return table.move(all, 1, math.min(n, #all), 1, {})
end

local function judge_pairs(ctx)
  local o, judge, ask = ctx.options, ctx.state.judge, {}
  local list, message = judge:pairs(o.pairs, function(bad) ctx:reject(bad) end)
  if not list then ctx:usage(message) end
  for _, p in ipairs(list) do
    if o.review == 0 then ctx:emit("pairs", { label = p.record.label, score = p.record.score })
    elseif p.target then ask[#ask + 1] = question(p.target, p.text, p.record, judge:certainty(p.record)) end
  end
  return ask
end

-- ------------------------------------------------------------------ sums

local function sum_up(ctx)
  local sums, plain = { voice = {}, period = {} }, {}
  for key, n in ctx:totals() do
    local what, name, field = key:match("^(%l+)\t(.*)\t(%l+)$")
    if what then
      sums[what][name] = sums[what][name] or { articles = 0, pos = 0, neg = 0, neu = 0, score = 0.0 }
      sums[what][name][field] = n
    else plain[key] = n end
  end
  return sums, plain
end

local function emit_sums(ctx, sums, what, name)
  local list = {}
  for key, s in pairs(sums) do
    local n = s.pos + s.neg + s.neu
    list[#list + 1] = { [name] = key, articles = s.articles, sentences = n, pos = s.pos, neg = s.neg, neu = s.neu,
                        score = math.floor(s.score / n * 1000 + 0.5) / 1000 }
  end
  table.sort(list, function(a, b)
    if name == "voice" and a.sentences ~= b.sentences then return a.sentences > b.sentences end
    return a[name] < b[name]
  end)
  for _, row in ipairs(list) do ctx:emit(what, row) end
end

-- One article's records of a voice or a period.
local function add_to(ctx, what, name, records)
  local key, n, score = what .. "\t" .. name .. "\t", { pos = 0, neg = 0, neu = 0 }, 0.0
  for _, r in ipairs(records) do n[r.label], score = n[r.label] + 1, score + r.score end
  ctx:add(key .. "articles", ctx:weight())
  ctx:add(key .. "score", score * ctx:weight())
  for label, k in pairs(n) do
    if k > 0 then ctx:add(key .. label, k * ctx:weight()) end
  end
end

-- ------------------------------------------------------------------ the report

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
        if cue.from and cue.to >= cue.from then marks[#marks + 1] = { from = cue.from, to = cue.to } end
      end
      out[#out + 1] = { doc = row.doc, from = row.from, to = row.to, text = row.part == "title" and row.text or nil,
                        marks = marks, note = cue_note(row), score = row.score }
    end
  end
  table.sort(out, by_strength)
  return out
end

local function report_labels(ctx, r)
  local o = ctx.options
  if o.train then
    r:heading("What the labels teach")
    r:table("training", { title = "F1 in percent; rows of one text are in one fold" })
  elseif o.review > 0 then
    r:heading("Least sure: to be labelled next")
    r:table("review", { columns = { "sure", "guess", "target", "text" }, limit = o.review })
  else
    local n = { pos = 0, neg = 0, neu = 0, none = 0 }
    for _, row in ipairs(ctx:rows("pairs")) do n[row.label] = n[row.label] + 1 end
    r:heading("Pairs")
    r:bars({ { "for", n.pos }, { "against", n.neg }, { "neither", n.neu } })
  end
end

-- Whether the file of aliases has a name.
local function is_listed(name, aliases)
  local key = ds.utf8.fold(name)
  for _, row in ipairs(ds.lexicon.aliases(aliases) or {}) do
    if ds.utf8.fold(row.name) == key or ds.utf8.fold(row.alias) == key then return true end
  end
  return false
end

-- The share of each side among the sentences of a period.
local function over_time(ctx, r)
  local rows = ctx:rows("periods")
  if #rows < 2 then return end
  for _, side in ipairs { { "pos", "Share of sentences that are for" }, { "neg", "Share of sentences that are against" } } do
    local points = {}
    for i, p in ipairs(rows) do points[i] = { p.period, p[side[1]] / p.sentences } end
    r:series(points, { title = side[2], most = 1 })
  end
end

local function report_articles(ctx, r)
  local articles, sentences, named = ctx:rows("articles"), ctx:rows("sentences"), {}
  local n, bars = { pos = 0, neg = 0, neu = 0 }, {}
  for _, s in ipairs(sentences) do n[s.label] = n[s.label] + (s.weight or 1) end
  for _, a in ipairs(articles) do
    if a.label ~= "none" then named[#named + 1] = a end
  end
  for i, v in ipairs(ctx:rows("voices")) do bars[i] = { v.voice, v.sentences } end
  r:heading("Stance toward ", ctx.state.judge.target)
  r:figures({ { #named, "articles name the target" }, { #articles, "articles read" }, { n.pos, "sentences for" },
              { n.neg, "sentences against" }, { n.neu, "sentences neither" } },
    { note = #named .. " of " .. #articles .. " articles name the target, in " .. #sentences .. " sentences: " .. n.pos .. " for, " ..
      n.neg .. " against, " .. n.neu .. " neither." })
  r:bars({ { "for", n.pos, "pos", tone = "good" }, { "against", n.neg, "neg", tone = "bad" }, { "neither", n.neu, "neu", tone = "neutral" } },
         { title = "Sentences", rows = { table = "sentences", column = "label" } })
  if ctx.format == "html" and #bars > 0 then
    over_time(ctx, r)
    r:bars(bars, { title = "Most heard", limit = 12, rows = { table = "sentences", column = "voice" } })
  end
  r:table(named, { title = "Articles", columns = { "doc", "label", "score", "mentions", "pos", "neg", "neu" }, limit = 40, heat = { "pos", "neg" } })
  if #sentences > 0 then r:table("voices", { title = "Voices", limit = 12 }) end
  if #ctx:rows("periods") > 0 then r:table("periods", { title = "Over time", limit = 60 }) end
  if ctx.options.explain then
    r:table("chain", { title = "Every word that was weighed", limit = 400, columns = { "doc", "from", "cue", "base", "falls", "rule", "weight" } })
  end
  for _, side in ipairs { { "neg", "Against" }, { "pos", "For" } } do
    local list = evidence(sentences, side[1])
    if #list > 0 then r:evidence(list, { title = side[2], limit = ctx.options.evidence }) end
  end
end

return {
  about = "Judges every sentence about a target: praised, blamed, or neither, by whom, and why",
  example = "dsrun stance --target DeepSeek articles/",
  weighs = true,
  options = {
    { "target", type = "string", default = "马斯克", help = "whom or what the stance is toward; either script" },
    { "per", type = "choice", choices = { "month", "week", "day", "year" }, default = "month", help = "periods of the table over time" },
    { "explain", type = "boolean", default = false, help = "also every word that was weighed, with where it falls" },
    { "pairs", type = "file", help = "judge this table instead of articles: label, target, text, TABs between them" },
    { "train", type = "file", help = "learn from such a table; labels are pos, neg, neu, or ? for none yet" },
    { "save", type = "output", help = "with --train: write the model here" },
    { "folds", type = "integer", default = 5, help = "with --train: for cross-validation, rows of one text in one fold; 0: none" },
    { "model", type = "file", help = "let this model, which --train has learned, correct the rules" },
    { "review", type = "integer", default = 0, help = "instead of all, the N least sure sentences, as a table for --train" },
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
    voices = {
      { "voice", "string", "author, or the name of the one who judges" },
      { "articles", "integer", "in which the voice speaks of the target" },
      { "sentences", "integer", "of this voice" },
      { "pos", "integer", "of these, for the target" },
      { "neg", "integer", "against it" },
      { "neu", "integer", "neither" },
      { "score", "number", "mean of the sentences' scores" },
    },
    periods = {
      { "period", "string", "month (or --per) of the articles' dates; articles without one are left out" },
      { "articles", "integer", "that name the target" },
      { "sentences", "integer", "about the target" },
      { "pos", "integer", "of these, for the target" },
      { "neg", "integer", "against it" },
      { "neu", "integer", "neither" },
      { "score", "number", "mean of the sentences' scores" },
    },
    chain = {
      { "doc", "string", "article id" },
      { "from", "integer", "first byte of the word in doc.text; empty in a title" },
      { "to", "integer", "last byte" },
      { "cue", "string", "the word" },
      { "base", "number", "its weight in sentiment.tsv" },
      { "falls", "string", "on whom such a word falls: subject, object, clause" },
      { "rule", "string", "how it came to fall on the target, and what changed it; or where else it falls" },
      { "weight", "number", "what it adds to the target's score" },
    },
    pairs = {
      { "label", "string", "pos, neg or neu; none for a line that is no row" },
      { "score", "number", "-1 to 1" },
    },
    training = {
      { "what", "string", "rules alone; target alone, the text hidden; model; or the model that was saved" },
      { "n", "integer", "labels" },
      { "accuracy", "number", "percent" },
      { "macro_f1", "number", "mean of the three" },
      { "neg", "number", "F1 in percent" },
      { "neu", "number", "F1 in percent" },
      { "pos", "number", "F1 in percent" },
      { "bytes", "integer", "size of the model" },
    },
    review = {
      { "label", "string", "?: the user's to give" },
      { "target", "string", "toward whom" },
      { "text", "string", "the sentence" },
      { "guess", "string", "what the label would be now" },
      { "sure", "number", "how sure that is, 0 to 1" },
      { "doc", "string", "article id" },
      { "from", "integer", "first byte of the sentence" },
      { "to", "integer", "last byte" },
    },
  },

  setup = function(ctx)
    local o = ctx.options
    if not o.target:find("%S") then ctx:usage("--target is a name, such as 马斯克") end
    if o.evidence < 0 then ctx:usage("--evidence is a number of passages, not below 0") end
    check_learning(ctx)
    ctx.state.segmenter = assert(ds.segmenter { user = ctx.user_dict })
    local judge, message = ds.stance { target = o.target, aliases = o.aliases, sentiment = o.sentiment, model = o.model,
                                       explain = o.explain, segmenter = ctx.state.segmenter }
    if not judge then ctx:usage(message) end
    ctx.state.judge = judge
    for _, bad in ipairs(judge.bad_lines) do ctx:reject(bad.message) end
    if o.train or o.pairs then ctx:no_input() end
  end,

  map = function(doc, ctx)
    local judge, o, by_voice = ctx.state.judge, ctx.options, {}
    local records = judge:judge(doc)
    ctx:add("articles", 1)
    ctx:add("named", #records > 0 and 1 or 0)
    if o.review > 0 then
      local list = {}
      for i, r in ipairs(records) do list[i] = question(judge.target, r.text, r, judge:certainty(r), doc.id) end
      return ctx:add("review " .. o.review, least_sure(list, {}, o.review))
    end
    for _, r in ipairs(records) do
      r.doc, r.chance = doc.id, nil
      ctx:emit("sentences", r)
      for _, step in ipairs(o.explain and judge:explain(r) or {}) do
        step.doc = doc.id
        ctx:emit("chain", step)
      end
      by_voice[r.voice] = by_voice[r.voice] or {}
      table.insert(by_voice[r.voice], r)
    end
    local a = judge:article(records, judge:mentions(doc))
    a.doc = doc.id
    ctx:emit("articles", a)
    for voice, list in pairs(by_voice) do add_to(ctx, "voice", voice, list) end
    local period = #records > 0 and doc.date and ds.date.bucket(doc.date, o.per)
    if period then add_to(ctx, "period", period, records) end
  end,

  merge = function(key, a, b)
    local n = key:match("^review (%d+)$")
    return n and least_sure(a, b, tonumber(n)) or a + b
  end,

  finish = function(ctx)
    local o = ctx.options
    if o.train then return train(ctx) end
    local ask = o.pairs and judge_pairs(ctx) or {}
    local sums, plain = sum_up(ctx)
    for _, row in ipairs(least_sure(plain["review " .. o.review] or {}, ask, o.review)) do ctx:emit("review", row) end
    emit_sums(ctx, sums.voice, "voices", "voice")
    emit_sums(ctx, sums.period, "periods", "period")
    if plain.named == 0 and not is_listed(o.target, o.aliases) then
      print(("stance: '%s' is in no line of %s, and none of the articles (%d) names it")
        :format(o.target, o.aliases, plain.articles))
    end
  end,

  report = function(ctx, r)
    local o = ctx.options
    if o.train or o.pairs or o.review > 0 then return report_labels(ctx, r) end
    report_articles(ctx, r)
  end,
}
