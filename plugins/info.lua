---@type ds.Plugin
-- What a corpus holds.

local function count(iterator)
  local n = 0
  for _ in iterator do n = n + 1 end
  return n
end

local function dump(ctx)
  for _, s in ipairs(ctx:stores()) do
    local text = s.info.text_bytes
    ctx:emit("sections", { store = s.path, segment = 0, name = "file", from = 1, bytes = s.info.bytes, share = s.info.bytes / text })
    for i, segment in ipairs(s.info.segments) do
      for _, part in ipairs(segment.sections) do
        ctx:emit("sections", { store = s.path, segment = i, name = part.name, from = part.from, bytes = part.bytes,
                               share = part.bytes / text, crc = part.crc })
      end
    end
  end
end

local function header(info)
  return ("%d articles, %d bytes of text in %d, %d commits, %d segments; %s"):format(info.docs, info.text_bytes, info.bytes,
    info.commits, #info.segments, (info.about:gsub("\n$", ""):gsub("\n", "; ")))
end

return {
  about = "Tells what a corpus holds: articles, dates, sources, scripts, sizes",
  example = "dsrun info articles/",
  weighs = true,
  options = { { "dump", type = "boolean", default = false, help = "of stores: header, segments and sections, in place of the articles" } },
  tables = {
    articles = {
      { "id", "string", "where the article comes from" },
      { "title", "string", "its headline" },
      { "date", "string", "YYYY-MM-DD or YYYY-MM" },
      { "source", "string", "who published it" },
      { "author", "string", "who wrote it" },
      { "script", "string", "Hans, Hant, mixed, …" },
      { "chars", "integer", "characters of the body" },
      { "sentences", "integer", "sentences of the body" },
      { "paragraphs", "integer", "paragraphs of the body" },
    },
    totals = {
      { "what", "string", "what is counted" },
      { "n", "integer", "how many" },
    },
    sections = {
      { "store", "string", "its path" },
      { "segment", "integer", "number of the segment; 0: the whole file" },
      { "name", "string", "section (doc/FORMAT.md)" },
      { "from", "integer", "first byte in the file" },
      { "bytes", "integer", "how many" },
      { "share", "number", "of the bytes of all texts" },
      { "crc", "string", "checksum" },
    },
  },

  map = function(doc, ctx)
    if ctx.options.dump then return end
    local row = {
      id = doc.id, title = doc.title, date = doc.date, source = doc.source_name, author = doc.author,
      script = doc.script, chars = ds.utf8.len(doc.text), sentences = 0,
      paragraphs = count(doc:paragraphs()),
    }
    for s in doc:sentences() do
      if s.part == "body" then row.sentences = row.sentences + 1 end
    end
    ctx:emit("articles", row)
    ctx:add("articles", ctx:weight())
    ctx:add("script " .. (doc.script or "unknown"), ctx:weight())
    if doc.meta.encoding then ctx:add("encoding " .. tostring(doc.meta.encoding), ctx:weight()) end
    for _, what in ipairs { "chars", "sentences", "paragraphs" } do ctx:add(what, row[what] * ctx:weight()) end
  end,

  finish = function(ctx)
    if ctx.options.dump then return dump(ctx) end
    for what, n in ctx:totals() do ctx:emit("totals", { what = what, n = n }) end
  end,

  report = function(ctx, r)
    if ctx.options.dump then
      for _, s in ipairs(ctx:stores()) do r:note(s.path, ": ", header(s.info)) end
      return r:table("sections", { title = "Sections" })
    end
    r:table("articles", { title = "Articles", columns = { "id", "date", "script", "chars", "sentences", "title" } })
    r:table("totals", { title = "Together" })
  end,
}
