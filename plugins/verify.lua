---@type ds.Plugin
-- Checks stores and compiled lexicons, every byte of them.

local function check_lexicon(path, ctx)
  local words, source, detail = ds.lexicon.verify(path)
  if not words then
    return ctx:reject(("%s%s: %s"):format(path, detail and detail.byte and (": byte " .. detail.byte) or "", source))
  end
  ctx:emit("files", { file = path, docs = 0, words = words, source = source, damaged = 0 })
end

-- Tries every article of a damaged store; those that can be read go to `out`.  How many these are.
local function look_at_articles(path, ctx, out)
  local each, message = ds.corpus.survivors(path)
  local good, bad = 0, 0
  if not each then
    ctx:reject(message)
    return 0, 0
  end
  for _, doc, why in each do
    if doc then
      good = good + 1
      if out then assert(out:copy(doc)) end
    else
      bad = bad + 1
      ctx:reject(why)
    end
  end
  return good, bad
end

local function check_store(path, ctx, out)
  local damage, message = ds.corpus.verify(path)
  if not damage then return ctx:reject(message) end
  for _, d in ipairs(damage) do
    ctx:emit("damage", { file = path, from = d.from, to = d.to, what = d.what, docs = d.docs, id = d.id, mended = d.mended })
    local message = d.what .. " damaged"
    if d.docs == 0 then message = message .. ", no article with it"
    elseif d.docs == 1 then message = ("%s, of %s"):format(message, d.id or "an article")
    else message = ("%s, of %d articles%s"):format(message, d.docs, d.id and ", the first is " .. d.id or "") end
    if d.docs > 0 and d.mended then message = message .. "; --salvage can mend it" end
    if d.what == "behind the last commit" then
      message = "behind the last commit: a write that was not finished (the next build goes on from the commit), or a damaged commit"
    end
    ctx:reject(("%s: bytes %d-%d: %s"):format(path, d.from, d.to, message))
  end
  local docs
  if #damage > 0 or out then docs = look_at_articles(path, ctx, out)
  else docs = assert(ds.corpus.about(path)).docs end
  ctx:emit("files", { file = path, docs = docs, damaged = #damage })
end

return {
  about = "Checks stores (.dsc) and compiled lexicons (.dslex) for damage, every byte",
  input = "none",
  example = "dsrun verify news.dsc",
  options = {
    { "salvage", type = "output", help = "a new store for all articles that can be read" },
  },
  tables = {
    files = {
      { "file", "string", "its path" },
      { "docs", "integer", "articles that can be read" },
      { "words", "integer", "words of a lexicon" },
      { "source", "string", "where they come from" },
      { "damaged", "integer", "damaged places" },
    },
    damage = {
      { "file", "string", "its path" },
      { "from", "integer", "first byte of the damaged piece" },
      { "to", "integer", "last byte" },
      { "what", "string", "text, fields, vocabulary, index, directory, commit, …" },
      { "docs", "integer", "articles that it has hit" },
      { "id", "string", "the first of them" },
      { "mended", "boolean", "whether --salvage knows what stood there, and saves them" },
    },
  },

  finish = function(ctx)
    if #ctx.args == 0 then ctx:usage("name the files to check") end
    local out = ctx.options.salvage and ctx:store("salvage") or nil
    for _, path in ipairs(ctx.args) do
      if path:find("%.dslex$") then check_lexicon(path, ctx) else check_store(path, ctx, out) end
    end
    if out then
      assert(out:commit())
      out:close()
    end
  end,

  report = function(ctx, r)
    r:table("files", { title = "Files", columns = { "file", "docs", "words", "damaged" } })
    r:table("damage", { title = "Damage" })
  end,
}
