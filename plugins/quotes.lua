---@type ds.Plugin
-- Who says what: every quotation with its speaker, the speaker's title and the words that lead to him; and what stands in
-- quotation marks though nobody says it.

-- Nobody is quoted in these.
local UNSAID = { scare = true, title = true, none = true }

-- Quotations by speaker, the most quoted first.
local function by_speaker(rows)
  local list, of = {}, {}
  for _, row in ipairs(rows) do
    if row.name and not UNSAID[row.type] then
      local s = of[row.name]
      if not s then
        s = { speaker = row.name, quotes = 0, indirect = 0, docs = 0, role = row.role, seen = {} }
        of[row.name], list[#list + 1] = s, s
      end
      local field = row.type == "indirect" and "indirect" or "quotes"
      s[field] = s[field] + (row.weight or 1)
      s.role = s.role or row.role
      if not s.seen[row.doc] then s.seen[row.doc], s.docs = true, s.docs + (row.weight or 1) end
    end
  end
  table.sort(list, function(a, b)
    if a.quotes ~= b.quotes then return a.quotes > b.quotes end
    if a.indirect ~= b.indirect then return a.indirect > b.indirect end
    return a.speaker < b.speaker
  end)
  return list
end

-- The passages of a report: what is said, the cue marked too.
local function evidence(rows, limit)
  local out = {}
  for _, row in ipairs(rows) do
    if row.speaker and not UNSAID[row.type] and row.type ~= "indirect" and #out < limit then
      local marks = row.cue_from and { { from = row.cue_from, to = row.cue_to } } or {}
      marks[#marks + 1] = { from = row.from, to = row.to }
      local who = row.role and row.role .. " " .. row.speaker or row.speaker
      out[#out + 1] = { doc = row.doc, from = row.from, to = row.to, marks = marks,
                        note = ("%s, %s%s"):format(who, row.type, row.verb and ": " .. row.verb or "") }
    end
  end
  return out
end

return {
  about = "Finds every quotation, who says it, and by which words one knows",
  example = "dsrun quotes -f jsonl articles/ > quotes.jsonl",
  weighs = true,
  options = {
    { "type", type = "string", default = "all", help = "only this type: direct, indirect, block, dialogue, scare, title, none; or said: the first four" },
    { "aliases", type = "file", default = "lexicons/aliases.tsv", help = "name, alias, type" },
    { "verbs", type = "file", default = "lexicons/reporting-verbs.tsv", help = "word, kind" },
    { "holders", type = "file", default = "lexicons/holders.tsv", help = "common nouns for people and bodies" },
    { "evidence", type = "integer", default = 12, help = "passages shown in the report" },
  },
  tables = {
    quotes = {
      { "doc", "string", "article id" },
      { "from", "integer", "first byte of what is said, in doc.text; marks left out" },
      { "to", "integer", "last byte" },
      { "text", "string", "what is said" },
      { "type", "string", "direct; indirect: reported without marks; block: a paragraph behind a colon; dialogue: 姓名：; scare, title, none: in marks, but said by nobody" },
      { "speaker", "string", "as the text names him; 他, 这位用户 followed to the name; empty when nobody is found" },
      { "name", "string", "the same by aliases.tsv and in Simplified characters, so that spellings count together" },
      { "role", "string", "the title that stands with the name" },
      { "verb", "string", "the cue: 说, 表示, 的看法 …" },
      { "cue_from", "integer", "first byte of the cue" },
      { "cue_to", "integer", "last byte" },
    },
  },

  setup = function(ctx)
    local o = ctx.options
    local types = { all = true, said = true, direct = true, indirect = true, block = true, dialogue = true, scare = true, title = true, none = true }
    if not types[o.type] then ctx:usage("--type is all, said, direct, indirect, block, dialogue, scare, title or none, not '" .. o.type .. "'") end
    if o.evidence < 0 then ctx:usage("--evidence is a number of passages, not below 0") end
    ctx.state.finder = assert(ds.quotes { aliases = o.aliases, verbs = o.verbs, holders = o.holders,
                                          segmenter = assert(ds.segmenter { user = ctx.user_dict }) })
    for _, bad in ipairs(ctx.state.finder.bad_lines) do ctx:reject(bad.message) end
  end,

  map = function(doc, ctx)
    local want = ctx.options.type
    for _, row in ipairs(ctx.state.finder:find(doc)) do
      if want == "all" or want == row.type or (want == "said" and not UNSAID[row.type]) then
        row.doc = doc.id
        ctx:emit("quotes", row)
      end
    end
    ctx:add("articles", ctx:weight())
  end,

  report = function(ctx, r)
    local rows, said, unsaid, named, articles, bars = ctx:rows("quotes"), 0, 0, 0, 0, {}
    for _, n in ctx:totals() do articles = n end
    for _, row in ipairs(rows) do
      local weight = row.weight or 1 -- --dedup weight
      said, unsaid = said + (UNSAID[row.type] and 0 or weight), unsaid + (UNSAID[row.type] and weight or 0)
      named = named + (row.speaker and not UNSAID[row.type] and weight or 0)
    end
    local speakers = by_speaker(rows)
    for _, s in ipairs(speakers) do bars[#bars + 1] = { s.speaker, s.quotes + s.indirect } end
    r:heading("Who says what")
    r:figures({ { said, "quotations" }, { named, "with a speaker" }, { unsaid, "marked words that nobody says" }, { articles, "articles" } },
      { note = said .. " quotations in " .. articles .. " articles, " .. named .. " with a speaker; " .. unsaid ..
        " marked words that nobody says." })
    r:bars(bars, { title = "Most quoted", sort = true, limit = 15, rows = { table = "quotes", column = "name" } })
    r:table(speakers, { title = "Speakers", columns = { "speaker", "role", "quotes", "indirect", "docs" }, limit = 25 })
    r:evidence(evidence(rows, ctx.options.evidence), { title = "Quotations", limit = ctx.options.evidence })
  end,
}
