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

return {
  about = "Cuts lines of Chinese text, Simplified or Traditional, into words",
  input = "lines",
  example = "echo 馬斯克諷刺DeepSeek | dsrun segment",
  options = {
    { "mode", type = "choice", choices = { "default", "accurate", "search", "full" }, default = "default",
      help = "accurate: with a neural tagger; search: also the words inside long words; full: every word of the dictionary" },
    { "style", type = "choice", choices = { "news", "ud", "fine" }, default = "news",
      help = "what counts as one word: 2025年 消费者 557.6万 | 2025 年 消费 者 | 557.6 万" },
    { "entities", type = "boolean", default = false,
      help = "with --mode accurate: the persons, places, institutions and times of each line, in place of the words" },
    { "explain", type = "boolean", default = false,
      help = "every candidate with its cost in bits, * those of the cheapest way, in place of the words" },
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
    ctx.state.segmenter = assert(ds.segmenter { user = ctx.user_dict, mode = o.mode, style = o.style })
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

  -- -f text: called for the row just emitted, while the line's words are at hand with their white space.
  render = function(row, name, ctx)
    if name == "entities" then return ("%d:%d-%d %s %s"):format(row.line, row.from, row.to, row.type, row.text) end
    return name == "candidates" and candidate_line(row) or spaced(ctx.state.words, ctx.state.is_space)
  end,
}
