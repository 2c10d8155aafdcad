-- bench_read.lua BUILD: reading alone, `for doc in corpus:docs()`, of the same articles in every format, from BUILD/news.txt.
--
-- An article is 2,000 characters.  MB are those of doc.text; CPU time, the median of five runs, the file system warm.  Peer of
-- the records: python3's json and csv, which must find as many articles; they decode, but keep no way back to the file.
local build = arg[1]
package.cpath = build .. "/?.so;" .. package.cpath
local ds = require "ds"
local RUNS <const>, CHARS <const>, MOST <const> = 5, 2000, 2000

local dir = build .. "/bench-read"
os.execute(("rm -rf '%s' && mkdir -p '%s/md' '%s/txt' '%s/html'"):format(dir, dir, dir, dir))

local function write(path, s)
  local f = assert(io.open(dir .. "/" .. path, "wb"))
  f:write(s)
  f:close()
end

-- Articles of whole lines, each at least CHARS characters long.
local function articles()
  local list, lines, chars = {}, {}, 0
  for line in io.lines(build .. "/news.txt") do
    lines[#lines + 1], chars = line, chars + (utf8.len(line) or 0)
    if chars >= CHARS then
      list[#list + 1] = { title = ("第%d篇的题目"):format(#list + 1), text = table.concat(lines, "\n") }
      lines, chars = {}, 0
      if #list == MOST then break end
    end
  end
  return list
end

local function quoted(s) return '"' .. s:gsub('"', '""') .. '"' end
local function escaped(s) return (s:gsub("&", "&amp;"):gsub("<", "&lt;")) end

local list = articles()
local jsonl, csv = {}, { "id,title,date,text" }
for i, a in ipairs(list) do
  local day = ("2025-%02d-%02d"):format(i % 12 + 1, i % 28 + 1)
  jsonl[i] = ds.json.encode({ id = "n" .. i, title = a.title, date = day, source = "某报", text = a.text }, { "id", "title", "date" })
  csv[i + 1] = table.concat({ "n" .. i, a.title, day, quoted(a.text) }, ",")
  write(("txt/%d.txt"):format(i), a.title .. "\n" .. a.text .. "\n")
  write(("md/%d.md"):format(i), ("---\ntitle: %s\ndate: %s\nsource: 某报\n---\n\n%s\n"):format(a.title, day, a.text:gsub("\n", "\n\n")))
  write(("html/%d.html"):format(i), ("<!doctype html><title>%s_某网</title><body><div class=nav><a href=/>首页</a></div><h1>%s</h1>" ..
    "<div class=article-content><p>%s</p></div>"):format(a.title, a.title, escaped(a.text):gsub("\n", "</p>\n<p>")))
end
write("a.jsonl", table.concat(jsonl, "\n") .. "\n")
write("a.csv", table.concat(csv, "\n") .. "\n")
os.execute(("gzip -kn '%s/a.jsonl'"):format(dir))

local function read_all(path)
  local docs, bytes = 0, 0
  local c = assert(ds.corpus.open(path))
  for doc in c:docs() do docs, bytes = docs + 1, bytes + #doc.text end
  assert(#c.errors == 0, tostring(c.errors[1]))
  return docs, bytes
end

local function measure(path)
  local seconds, docs, bytes = {}, nil, nil
  for i = 1, RUNS do
    collectgarbage()
    local start = os.clock()
    docs, bytes = read_all(path)
    seconds[i] = os.clock() - start
  end
  table.sort(seconds)
  return bytes / 1e6 / seconds[RUNS // 2 + 1], docs, bytes
end

local PEER = [[
import csv, json, sys, time
csv.field_size_limit(1 << 24)
seconds = []
for _ in range(5):
    start = time.process_time()
    with open(sys.argv[1], encoding="utf-8", newline="") as f:
        rows = csv.DictReader(f) if sys.argv[1].endswith("csv") else map(json.loads, f)
        docs = chars = 0
        for r in rows:
            docs += 1
            chars += len(r["text"])
    seconds.append(time.process_time() - start)
print(docs, chars, sorted(seconds)[2])
]]

-- MB/s of python3; nil: it is not there, or has read something else.
local function peer(path, docs, bytes)
  write("peer.py", PEER)
  local pipe = io.popen(("python3 '%s/peer.py' '%s' 2>/dev/null"):format(dir, path))
  local n, _, seconds = pipe:read("n", "n", "n")
  pipe:close()
  if n ~= docs then return nil end
  return bytes / 1e6 / seconds
end

for _, part in ipairs { "a.jsonl", "a.jsonl.gz", "a.csv", "md", "txt", "html" } do
  local path = dir .. "/" .. part
  local mine, docs, bytes = measure(path)
  local theirs = (part == "a.jsonl" or part == "a.csv") and peer(path, docs, bytes)
  print(("read %s\tMB/s\t%.0f\t%s\t%s\t%s\t%d\t%d"):format(part:gsub("^a%.", ""), mine, theirs and "python3" or "-",
    theirs and ("%.0f"):format(theirs) or "-", theirs and ("%.2f"):format(mine / theirs) or "-", bytes, docs))
end
os.execute(("rm -rf '%s'"):format(dir))
