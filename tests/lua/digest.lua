-- digest.lua: gives what the library finds in the bundled corpus, as lines; Lua 5.3, 5.4 and LuaJIT run it alike.
local ds = require "ds"
local out = {}

local function put(...)
  local parts = { ... }
  for i = 1, select("#", ...) do
    local v = parts[i]
    parts[i] = type(v) == "number" and ("%.14g"):format(v) or tostring(v)
  end
  out[#out + 1] = table.concat(parts, "\t")
end

local stance, numbers, quotes = ds.stance { target = "马斯克" }, ds.numbers {}, ds.quotes {}
local matcher = ds.matcher { "价格战", "降价", "补贴", "内卷" }

local function put_doc(doc)
  put("doc", doc.id, doc.title, doc.date, doc.source_name, doc.script, #doc.text)
  for s in doc:sentences() do put("sentence", s.from, s.to, s.part) end
  for t in doc:tokens() do put(t.word, t.key, t.from, t.to, t.pos, t.class) end
  for from, to, label, term in matcher:spans(doc) do put("term", from, to, label, term) end
  for _, q in ipairs(doc:quotes()) do put("quote", q.from, q.to, q.type, q.speaker, q.verb) end
  for _, n in ipairs(doc:numbers()) do put("number", n.from, n.to, n.value, n.value_to, n.unit, n.about) end
  for _, r in ipairs(stance:judge(doc)) do put("stance", r.from, r.to, r.label, r.score, r.voice) end
  local folded, map = ds.utf8.fold(doc.text)
  put("fold", #folded, map:origin(1, math.min(9, #folded)))
  put("convert", ds.utf8.simplify(doc.text), ds.utf8.traditional(doc.text, { region = "tw" }))
  put("path", (doc:source(1, 3)))
end

local corpus = assert(ds.corpus.open("corpus/articles"))
local docs = 0
for doc in corpus:docs() do
  docs = docs + 1
  put_doc(doc)
end
put("docs", docs)
for h in assert(corpus:query('[key="降价"] []{0,3} [pos="v.*"]')):each() do put("hit", h.doc, h.from, h.to) end
put("sum", ds.stats.fsum({ 0.1, 0.2, 0.3 }):value())
return table.concat(out, "\n") .. "\n"
