---@type ds.Plugin
-- Cuts each line of the input into words.

-- Tells white space from words.  The segmenter knows; it is asked once for each token that may be a space.
local function space_test(segmenter)
  local known = {}
  return function(word)
    if not word:find("^[%c \xC2\xE1\xE2\xE3\xEF]") then return false end
    if known[word] == nil then
      local token = segmenter:tokens(word)()
      known[word] = token ~= nil and token.class == "space"
    end
    return known[word]
  end
end

-- The line with one space between two words that have none; the white space it has stays as it is.
local function spaced(words, is_space)
  local parts, after_word = {}, false
  for _, word in ipairs(words) do
    local space = is_space(word)
    if after_word and not space then parts[#parts + 1] = " " end
    parts[#parts + 1] = word
    after_word = not space
  end
  return table.concat(parts)
end

local function without_space(words, is_space)
  local kept = {}
  for _, word in ipairs(words) do
    if not is_space(word) then kept[#kept + 1] = word end
  end
  return kept
end

local function candidate_line(c)
  return ("%s %5.1f bits  %-7s %s%s"):format(c.chosen and "*" or " ", c.bits, c.source, c.word,
    c.dict_line and (" (line %d of the user dictionary)"):format(c.dict_line) or "")
end

-- ------------------------------------------------------------------ a standard of the user's own

local function percent(x) return math.floor(x * 10000 + 0.5) / 100 end

local function emit_score(ctx, what, s)
  ctx:emit("training", { what = what, words = s.gold, precision = percent(s.precision), recall = percent(s.recall),
                         f1 = percent(s.f1) })
end

-- The scores of all folds as one.
local function sum_of(scores)
  local gold, ours, right = 0, 0, 0
  for _, s in ipairs(scores) do gold, ours, right = gold + s.gold, ours + s.ours, right + s.right end
  return { gold = gold, precision = right / math.max(ours, 1), recall = right / math.max(gold, 1),
           f1 = 2 * right / math.max(gold + ours, 1) }
end

local function check_training(ctx)
  local o = ctx.options
  if not o.train then
    if o.save then ctx:usage("--save goes with --train GOLD") end
    return
  end
  if o.model or o.explain or ctx.user_dict then ctx:usage("--train goes with --save, --folds and --rounds only") end
  if o.folds < 2 and o.folds ~= 0 then ctx:usage("--folds is 2 or more, or 0 for none") end
  if o.rounds < 1 then ctx:usage("--rounds is 1 or more") end
  if not o.save and o.folds == 0 then ctx:usage("--train without --save and without --folds does nothing") end
end

local function fail(ctx, message) ctx:usage(("%s: %s"):format(ctx.options.train, message)) end

local function train(ctx)
  local o = ctx.options
  local trainer = assert(ds.trainer { seed = ctx.seed, rounds = o.rounds })
  local _, message = trainer:add_file(o.train, function(bad) ctx:reject(bad) end)
  if message then ctx:usage(message) end
  if trainer:lines() == 0 then fail(ctx, "no gold in it: a sentence a line is wanted, with blanks between its words") end
  emit_score(ctx, "default mode, " .. trainer:style(), trainer:default())
  if o.folds > 0 then
    local scores, why = trainer:cross_validate(o.folds)
    if not scores then fail(ctx, why) end
    for i, s in ipairs(scores) do emit_score(ctx, ("fold %d of %d"):format(i, o.folds), s) end
    emit_score(ctx, "all folds", sum_of(scores))
  end
  if not o.save then return end
  local model, why = trainer:train(("%d lines, %d words of gold, seed %d, %d rounds"):format(trainer:lines(),
    trainer:words(), ctx.seed, o.rounds))
  if not model then fail(ctx, why) end
  ctx:output("save"):write(model)
  ctx:emit("training", { what = "model", words = trainer:words(), bytes = #model })
end

local function training_line(row)
  if row.bytes then return ("%-22s %9d words  %.1f MB"):format(row.what, row.words, row.bytes / 1e6) end
  return ("%-22s %9d words  P %5.2f  R %5.2f  F1 %5.2f"):format(row.what, row.words, row.precision, row.recall, row.f1)
end

return {
  about = "Cuts lines of Chinese text, Simplified or Traditional, into words",
  input = "lines",
  example = "echo 馬斯克諷刺DeepSeek | dsrun segment",
  options = {
    { "mode", type = "choice", choices = { "default", "accurate", "search", "full", "trained" },
      help = "accurate: with a neural tagger; search: also the words inside long words; full: every word of the dictionary; " ..
        "trained: as --model says" },
    { "style", type = "choice", choices = { "news", "ud", "fine" }, default = "news",
      help = "what counts as one word: 2025年 消费者 557.6万 | 2025 年 消费 者 | 557.6 万" },
    { "entities", type = "boolean", default = false,
      help = "with --mode accurate: the persons, places, institutions and times of each line, in place of the words" },
    { "explain", type = "boolean", default = false,
      help = "every candidate with its cost in bits, * those of the cheapest way, in place of the words" },
    { "model", type = "file", help = "cut by a standard of your own, which --train has learned" },
    { "train", type = "file", help = "learn from this gold: a sentence a line, blanks between words; or *.conllu" },
    { "save", type = "output", help = "with --train: write the model here" },
    { "folds", type = "integer", default = 5, help = "with --train: for cross-validation; 0: none" },
    { "rounds", type = "integer", default = 10, help = "with --train: how often to go through the gold" },
  },
  tables = {
    tokens = { { "line", "integer", "number of the line" }, { "words", "list", "the words, white space left out" } },
    entities = {
      { "line", "integer", "number of the line" },
      { "from", "integer", "first byte in the line" },
      { "to", "integer", "last byte" },
      { "type", "string", "PER, LOC, ORG or TIME" },
      { "text", "string", "the entity" },
    },
    training = {
      { "what", "string", "the default mode, a fold, all folds together, or the model" },
      { "words", "integer", "of the gold" },
      { "precision", "number", "percent of the words found that are right" },
      { "recall", "number", "percent of the gold's words that are found" },
      { "f1", "number", "their harmonic mean" },
      { "bytes", "integer", "size of the model" },
    },
    candidates = {
      { "line", "integer", "number of the line" },
      { "from", "integer", "first byte in the line" },
      { "to", "integer", "last byte" },
      { "word", "string", "the candidate" },
      { "source", "string", "lexicon, user, forced, name, atom or unknown" },
      { "bits", "number", "its cost; the cheapest way through the line wins" },
      { "freq", "integer", "frequency in the dictionary it comes from" },
      { "dict_line", "integer", "line of the user dictionary" },
      { "chosen", "boolean", "it is in the result" },
    },
  },

  setup = function(ctx)
    local o = ctx.options
    if o.entities and o.mode ~= "accurate" then ctx:usage("--entities is for --mode accurate") end
    check_training(ctx)
    if o.train then return ctx:no_input() end
    if (o.mode == "trained") ~= (o.model ~= nil) and o.mode then
      ctx:usage(o.model and "--model goes with --mode trained" or "--mode trained wants --model FILE, made with --train GOLD --save FILE")
    end
    local segmenter, message = ds.segmenter { user = ctx.user_dict, mode = o.mode, style = o.style, model = o.model }
    if not segmenter then ctx:usage(message) end
    ctx.state.segmenter = segmenter
    for _, bad in ipairs(ctx.state.segmenter:bad_lines()) do
      ctx:reject(("%s:%d: %s"):format(ctx.user_dict, bad.line, bad.message))
    end
    ctx.state.is_space = space_test(ctx.state.segmenter)
  end,

  map = function(line, n, ctx)
    if ctx.options.entities then
      for _, e in ipairs(ctx.state.segmenter:entities(line)) do
        ctx:emit("entities", { line = n, from = e.from, to = e.to, type = e.type, text = e.text })
      end
      return
    end
    if ctx.options.explain then
      for _, c in ipairs(ctx.state.segmenter:explain(line)) do
        ctx:emit("candidates", { line = n, from = c.from, to = c.to, word = c.word, source = c.source, bits = c.bits,
                                 freq = c.freq, dict_line = c.line, chosen = c.chosen })
      end
      return
    end
    local words = ctx.state.segmenter:words(line)
    ctx.state.words = words
    ctx:emit("tokens", { line = n, words = ctx.format ~= "text" and without_space(words, ctx.state.is_space) or nil })
  end,

  finish = function(ctx)
    if ctx.options.train then train(ctx) end
  end,

  -- -f text: called for the row just emitted, while the line's words are at hand with their white space.
  render = function(row, name, ctx)
    if name == "entities" then return ("%d:%d-%d %s %s"):format(row.line, row.from, row.to, row.type, row.text) end
    if name == "training" then return training_line(row) end
    return name == "candidates" and candidate_line(row) or spaced(ctx.state.words, ctx.state.is_space)
  end,
}
