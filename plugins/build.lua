---@type ds.Plugin
-- Puts articles into a store, one file with text, words and index.  A second run adds what is new or has changed.

local COMMIT_BYTES <const> = 256 << 20 -- of text; a run that is ended goes on from there

local function size(bytes)
  return bytes < 1e6 and ("%d bytes"):format(bytes) or ("%.1f MB"):format(bytes / 1e6)
end

return {
  about = "Puts articles into a store (.dsc): text, words and index in one file",
  example = "dsrun build news.dsc articles/ more.jsonl.gz",
  target = "store",
  options = {
    { "level", type = "integer", default = 0, help = "compression, 1 (fast) to 12 (small); 0: small stores 10, large ones 6" },
  },
  tables = {
    articles = {
      { "id", "string", "id of the article" },
      { "what", "string", "new, changed or same (as in the store: nothing was done)" },
    },
    store = {
      { "path", "string", "the store" },
      { "docs", "integer", "articles in it" },
      { "text_bytes", "integer", "bytes of their texts" },
      { "bytes", "integer", "bytes of the file" },
      { "new", "integer", "articles added by this run" },
      { "changed", "integer", "articles replaced" },
      { "same", "integer", "articles passed over: the store has them" },
    },
  },

  setup = function(ctx)
    if ctx.options.level < 0 or ctx.options.level > 12 then ctx:usage("--level is 0 to 12") end
    ctx.state.writer = ctx:store(nil, { level = ctx.options.level })
    ctx.state.count, ctx.state.waiting = { new = 0, changed = 0, same = 0 }, 0
  end,

  map = function(doc, ctx) ctx:write(doc) end,

  write = function(article, ctx)
    local state = ctx.state
    local what, message = state.writer:add(article)
    if not what then return ctx:reject(("%s: %s"):format(article.id, message)) end
    state.count[what] = state.count[what] + 1
    if ctx.format ~= "text" then ctx:emit("articles", { id = article.id, what = what }) end -- the report has no use for them
    state.waiting = state.waiting + (what == "same" and 0 or article.bytes)
    if state.waiting > COMMIT_BYTES then
      assert(state.writer:commit())
      state.waiting = 0
    end
  end,

  finish = function(ctx)
    local count = ctx.state.count
    if count.new + count.changed > 0 then assert(ctx.state.writer:commit()) end
    ctx.state.writer:close()
    local s = ds.corpus.about(ctx:target())
    ctx.state.row = { path = ctx:target(), docs = s and s.docs or 0, text_bytes = s and s.text_bytes or 0, bytes = s and s.bytes or 0,
                      new = count.new, changed = count.changed, same = count.same }
    ctx:emit("store", ctx.state.row)
  end,

  report = function(ctx, r)
    local s = ctx.state.row
    r:note(("%d new, %d changed, %d already there"):format(s.new, s.changed, s.same))
    r:note(("%s: %d articles, %s of text in %s (%.2f)"):format(s.path, s.docs, size(s.text_bytes), size(s.bytes),
      s.text_bytes > 0 and s.bytes / s.text_bytes or 0))
  end,
}
