-- meta_test.lua: lua/meta/ds.d.lua and the loaded module name the same things.
local T = require "testing"
local ds = require "ds"
local test, eq, ok = T.test, T.eq, T.ok

-- Names that the annotations give to each object: functions, and @field lines of its class.
local function annotated()
  local objects, class, var = {}, nil, nil
  local function note(name, field) objects[name] = objects[name] or {}; objects[name][field] = true end
  local classes = {}
  for line in assert(T.read("lua/meta/ds.d.lua")):gmatch("[^\n]+") do
    class = line:match("^%-%-%-@class ([%w_.]+)") or class
    local field = line:match("^%-%-%-@field ([%w_]+)%??")
    if field and class then note(class, field) end
    local made = line:match("^local ([%w_]+) = {}")
    if made then classes[made], var = class, made end
    local of, method = line:match("^function ([%w_]+)[.:]([%w_]+)%(")
    if of then note(classes[of] or of, method) end
  end
  return objects
end

local notes = annotated()

local function compare(class, loaded, ignore)
  local want = notes[class]
  ok(want, "no class " .. class .. " in the annotations")
  for name in pairs(loaded) do
    if not (ignore and ignore[name]) and not tostring(name):find("^_") then
      ok(want[name], ("%s.%s is not annotated"):format(class, name))
    end
  end
  for name in pairs(want) do
    ok(loaded[name] ~= nil or (ignore and ignore[name]), ("%s.%s is annotated but not there"):format(class, name))
  end
end

local function methods(object)
  local meta = getmetatable(object)
  local index = meta.__index
  return type(index) == "table" and index or meta
end

test("the module", function()
  local all = {}
  for name, part in pairs(ds) do all[name] = part end
  compare("ds", all)
end)

for _, part in ipairs { "utf8", "lexicon", "stats", "json", "date", "textrank" } do
  test("ds." .. part, function() compare("ds." .. part, ds[part]) end)
end

test("ds.corpus", function()
  local public = {}
  for _, name in ipairs { "open", "create", "about", "compact", "verify", "survivors" } do public[name] = ok(ds.corpus[name]) end
  compare("ds.corpuslib", public)
  local c = assert(ds.corpus.open("corpus/articles"))
  compare("ds.corpus", methods(c), { errors = true, segmenter = true })
end)

test("ds.hits", function()
  local c <close> = assert(ds.corpus.open("corpus/articles/mainland"))
  local h <close> = assert(c:query('"公司"'))
  compare("ds.hits", methods(h))
end)

test("ds.indexed", function()
  local path = os.tmpname() .. ".dsc"
  do
    local out <close> = assert(ds.corpus.create(path))
    assert(out:add { id = "a", text = "词" })
    assert(out:commit())
  end
  local c <close> = assert(ds.corpus.open(path))
  os.remove(path)
  compare("ds.indexed", methods(assert(c:indexed())))
end)

test("objects", function()
  local seg = assert(ds.segmenter())
  compare("ds.segmenter", methods(seg))
  compare("ds.tokens", methods(seg:cut("词")))
  compare("ds.trainer", methods(assert(ds.trainer())))
  compare("ds.matcher", methods(assert(ds.matcher { "词" })))
  compare("ds.fsum", methods(ds.stats.fsum()))
  compare("ds.acclib", ds.acc)
  compare("ds.acc", methods(ds.acc.count()))
  compare("ds.concordance", methods(assert(ds.concordance "词")), { query = true })
  local _, map = ds.utf8.fold("词")
  compare("ds.map", methods(map))
  compare("ds.text", methods(ds.text("词")))
  compare("ds.reuse", methods(assert(ds.reuse())))
  compare("ds.newwords", methods(assert(ds.newwords())))
  compare("ds.graph", methods(ds.graph({}, {})), { nodes = true, edges = true })
end)

test("token fields", function()
  local seg = assert(ds.segmenter())
  for t in seg:tokens("词") do compare("ds.token", t, { entity = true, entity_begins = true }) end
end)

test("documents", function()
  local c = assert(ds.corpus.open("corpus/articles"))
  for d in c:docs() do
    local all = { id = 1, title = 1, date = 1, source_name = 1, author = 1, script = 1, text = 1, meta = 1, path = 1 }
    for name in pairs(notes["ds.doc"]) do
      ok(all[name] or type(d[name]) == "function", "ds.doc." .. name .. " is annotated but not there")
    end
    for q in d:quotations() do compare("ds.quotation", q) end
    break
  end
end)

test("stance", function()
  local j = assert(ds.stance { target = "马斯克" })
  for name in pairs(notes["ds.stance"]) do ok(j[name] ~= nil, name) end
  for _, name in ipairs { "judge", "article", "mentions" } do ok(notes["ds.stance"][name]) end
end)

test("every object has a name, a text form and an end", function()
  local seg = assert(ds.segmenter())
  local _, map = ds.utf8.fold("词")
  for _, o in ipairs { seg, seg:cut("词"), assert(ds.matcher { "词" }), ds.stats.fsum(), map, ds.text("词"), assert(ds.trainer()), assert(ds.reuse()), assert(ds.newwords()), ds.graph({}, {}), assert(ds.corpus.open("corpus/articles")) } do
    local meta = debug.getmetatable(o)
    ok(meta.__name and meta.__name:find("^ds%."), tostring(o))
    ok(tostring(o):find("^ds%."), tostring(o))
    ok(meta.__gc and meta.__close, meta.__name)
  end
end)
