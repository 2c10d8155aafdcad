---@type ds.Plugin
-- Words that the dictionary lacks, found in the corpus itself: a list to read, and a user dictionary.

return {
  about = "Finds words that the dictionary lacks, and writes them as a user dictionary",
  example = "dsrun newwords --save my.dict articles/\ndsrun segment --user-dict my.dict text.txt",
  options = {
    { "min", type = "integer", default = 5, help = "how often a word occurs, at least" },
    { "longest", type = "integer", default = 6, help = "characters of a word, at most 12" },
    { "cohesion", type = "number", default = 4, help = "bits by which its parts go together more often than by chance, at least" },
    { "entropy", type = "number", default = 1.5, help = "bits of what stands before it and of what stands behind it, at least" },
    { "kind", type = "choice", choices = { "all", "name", "word", "compound" }, default = "all", help = "which to list and save" },
    { "save", type = "output", help = "write a user dictionary" },
    { "top", type = "integer", default = 40, help = "rows of the report; data formats and --save have all" },
  },
  tables = {
    words = {
      { "word", "string", "the word, folded to Simplified" },
      { "kind", "string", "name: known to the segmenter by its make only; word: it cuts this to pieces; compound: of words" },
      { "n", "integer", "occurrences, in either script" },
      { "docs", "integer", "articles with it" },
      { "cohesion", "number", "mutual information of its two parts, the least over all cuts (Church and Hanks 1990)" },
      { "left", "number", "entropy of what stands before it, in bits (Jin and Tanaka-Ishii 2006)" },
      { "right", "number", "entropy of what stands behind it" },
      { "score", "number", "cohesion times the smaller entropy: ranks" },
      { "parts", "string", "as the segmenter cuts it now" },
      { "pos", "string", "part of speech, a guess by the last part" },
      { "freq", "integer", "occurrences on the scale of the dictionary, for --save" },
      { "doc", "string", "the first article with it, by id" },
      { "from", "integer", "first byte of the word there" },
      { "to", "integer", "last byte" },
    },
  },

  setup = function(ctx)
    local o = ctx.options
    if o.min < 2 or o.top < 0 then ctx:usage("--min is at least 2, --top not below 0") end
    if o.longest < 2 or o.longest > 12 then ctx:usage("--longest is 2 to 12") end
    if o.cohesion < 0 or o.entropy < 0 then ctx:usage("--cohesion and --entropy are not below 0") end
  end,

  map = function(doc, ctx) ctx:add(doc.id, doc.text) end,

  merge = function(_, a) return a end, -- an article comes once

  finish = function(ctx)
    local o = ctx.options
    local newwords = assert(ds.newwords { min = o.min, longest = o.longest, cohesion = o.cohesion, entropy = o.entropy,
                                          segmenter = assert(ds.segmenter { user = ctx.user_dict }) })
    for id, text in ctx:totals() do newwords:add { id = id, text = text } end
    local file = o.save and ctx:output("save")
    if file then file:write("# dsrun newwords: word, frequency on the dictionary's scale, part of speech\n") end
    for _, w in ipairs(newwords:find()) do
      if o.kind == "all" or w.kind == o.kind then
        ctx:emit("words", w)
        if file then file:write(w.word, " ", w.freq, " ", w.pos, "\n") end
      end
    end
  end,

  report = function(ctx, r)
    local rows, bars, places, n = ctx:rows("words"), {}, {}, { name = 0, word = 0, compound = 0 }
    for i, w in ipairs(rows) do
      bars[i], n[w.kind] = { w.word, w.n }, n[w.kind] + 1
      places[i] = { doc = w.doc, from = w.from, to = w.to, note = w.parts }
    end
    r:heading("New words")
    r:figures({ { n.word, "words" }, { n.name, "names" }, { n.compound, "compounds" } }, { note =
      n.word .. " words, " .. n.name .. " names and " .. n.compound .. " compounds that the dictionary lacks; those that hold together best first." })
    r:bars(bars, { title = "Occurrences", limit = 15, rows = { table = "words", column = "word" } })
    r:table("words", { title = "Words", limit = ctx.options.top, heat = { "score" },
                       columns = { "word", "kind", "n", "docs", "cohesion", "left", "right", "score", "parts" } })
    r:evidence(places, { title = "Where they stand first", limit = 10 })
  end,
}
