-- report_html_test.lua: -f html: what the page holds, that it is the same for every run, and what a browser makes of it.
local T = require "testing"
local command = require "command"
local test, eq, ok, has = T.test, T.eq, T.ok, T.has

local function lacks(text, part) ok(not text:find(part, 1, true), ("%q is there"):format(part)) end

-- The JSON of a script element, as data.
local function data_of(page, id)
  local json = page:match('<script type="application/json" id="' .. id:gsub("%-", "%%-") .. '">(.-)</script>')
  return require("ds").json.decode(ok(json, "no data " .. id))
end

local PLAIN <const> = [[
return {
  tables = { hits = { { "doc", "string", "where" }, { "from", "integer" }, { "to", "integer" }, { "word", "string" } } },
  map = function(doc, ctx)
    for from, to, word in ds.matcher({ ["价格战"] = "价格战" }):spans(doc) do
      ctx:emit("hits", { doc = doc.id, from = from, to = to, word = word })
    end
  end,
}
]]

-- ------------------------------------------------------------------ hostile texts

local WICKED <const> = {
  "<script>window.pwned=1</script>价格战", "</script><script>window.pwned=1</script>价格战", "<!-- 价格战", "<!--<script>价格战",
  "]]>\"'&quot;&#60;img src=x onerror=window.pwned=1>价格战", "<img src=x onerror=\"window.pwned=1\">价格战",
  "\u{202E}gnorw 价格战\u{2066}", "a\0b价格战", "\u{FFFE}\u{FDD0}\u{1FFFF}价格战\u{10FFFF}", "价格战</td></tr></table><iframe src=//example.org>",
  "𠀀𠀀😀价格战😀", "\27[31m价格战\r\nx", "</style><style>*{display:none}价格战", "javascript:window.pwned=1//价格战", "\xFF\xFE价格战\xC3",
}

local function hostile(w)
  local json, lines = require("ds").json, {}
  for i, text in ipairs(WICKED) do
    lines[i] = json.encode { id = ("%02d</script>"):format(i), title = text, date = "2025-02-01", source = text, author = text, text = "前文。\n" .. text .. "\n后文。" }
  end
  lines[#lines + 1] = json.encode { id = "long", title = ("长"):rep(100000), date = "2025-02-01",
    text = ("甲"):rep(300000) .. "价格战" .. ("<b>"):rep(200000) }
  w.put("hostile.jsonl", table.concat(lines, "\n") .. "\n")
  w.put("plain.lua", [[
    local p = (function() ]] .. PLAIN .. [[ end)()
    p.tables.hits[5] = { "text", "string" }
    p.map = function(doc, ctx)
      for from, to, word in ds.matcher({ ["价格战"] = "价格战" }):spans(doc) do
        ctx:emit("hits", { doc = doc.id, from = from, to = to, word = word, text = doc.title })
      end
    end
    p.report = function(ctx, r)
      r:heading("<b>", "</title><script>window.pwned=1</script>")
      r:note("<img src=x onerror=window.pwned=1>")
      r:figures({ { "<i>", "</dl><script>window.pwned=1</script>" } })
      local bars, points, nodes = {}, {}, {}
      for i, row in ipairs(ctx:rows("hits")) do
        bars[i], points[i], nodes[i] = { row.text, i }, { row.text, i, i, group = row.text }, { id = row.doc, label = row.text, weight = i }
      end
      r:bars(bars, { title = "<u>", rows = { table = "hits", column = "text" } })
      r:scatter(points, { x = "<u>", y = "\"><script>window.pwned=1</script>", rows = { table = "hits", column = "text" } })
      r:network(nodes, { { source = nodes[1].id, target = nodes[2].id, weight = 1 } }, {})
      r:series({ { "<script>window.pwned=1</script>", 1 }, { "\"'><b>", false } }, { title = "</svg>", unit = "<u>" })
      r:table("hits")
      r:evidence(ctx:rows("hits"), { limit = 3 })
    end
    return p
  ]])
  local got = w.sh("$D -q -f html -o hostile.html plain.lua hostile.jsonl")
  eq(got.err, "")
  return w.read("hostile.html")
end

test("texts_stay_texts", function()
  local w <close> = command.workspace()
  local page = hostile(w)
  local _, scripts = page:gsub("<script", "")
  local _, ends = page:gsub("</script", "")
  local tables = select(2, page:gsub("%-data\">", ""))
  eq(scripts, tables + 4, "data of tables, the rest of the passages, sources, words, the script itself")
  eq(ends, scripts)
  for _, part in ipairs { "<img", "<iframe", "<!--", "<b>", "<u>", "<i>", "\0", "\27", "\u{FFFE}", "\xFF" } do lacks(page, part) end
  ok(utf8.len(page), "well-formed")
  has(page, "&lt;script&gt;window.pwned=1&lt;/script&gt;")
  ok(#page < 2000000, "a line of a megabyte is not all in the page")
  has(page, "more characters", "and that is said")
  local sources = data_of(page, "sources")
  eq(#sources.articles, #WICKED + 1)
  eq(#sources.passages, #WICKED + 1)
end)

-- ------------------------------------------------------------------ the page

test("a_page_is_one_file_that_asks_for_nothing", function()
  local w <close> = command.workspace(command.articles(12))
  local page = w.sh("$D -q -f html pricewar corpus").out
  has(page, "<!DOCTYPE html>")
  has(page, "default-src 'none'")
  for _, part in ipairs { "src=", "url(", "@import", "http:", "https:", "<link rel=\"stylesheet" } do lacks(page, part) end
end)

test("a_page_says_what_was_measured_and_how", function()
  local w <close> = command.workspace(command.articles(12))
  w.put("corpus/bad.txt", "\xFF\xFE\xD8\x00")
  local got = w.sh("$D -f html -j 3 -o x.html pricewar --terms terms.tsv --where 'date >= 2025-01-01' corpus absent")
  eq(got.status, 2)
  w.put("terms.tsv", "价格战\t1\t价格战\n")
  got = w.sh("$D -f html -j 3 -o x.html pricewar --terms terms.tsv --where 'date >= 2025-01-01' corpus absent")
  eq(got.status, 1)
  local page = w.read("x.html")
  has(page, "dsrun pricewar --terms ./terms.tsv --where &#39;date &gt;= 2025-01-01&#39; corpus absent")
  lacks(page, "-j 3")
  has(page, "Some input was rejected")
  has(page, "absent: ")
  ok(page:find("2025%-01%-1%d <span[^>]*>to</span> 2025%-03%-1%d"), "the dates of the articles")
  has(page, ">12 <span")
end)

test("a_partial_result_is_named", function()
  local w <close> = command.workspace(command.articles(6))
  w.put("p.lua", PLAIN:gsub("map = function%(doc, ctx%)", "map = function(doc, ctx) if doc.id:find('003') then while true do end end", 1))
  local got = w.sh("$D -q --article-timeout 0.3 -f html -o x.html p.lua corpus")
  eq(got.status, 4)
  local page = w.read("x.html")
  has(page, "Partial result")
  has(page, "003.md: article")
end)

test("a_file_is_written_whole_or_not_at_all", function()
  local w <close> = command.workspace(command.articles(3))
  w.put("p.lua", PLAIN:gsub("}\n$", "report = function(ctx, r) r:nothing() end }\n"))
  w.put("x.html", "before")
  local got = w.sh("$D -q -f html -o x.html p.lua corpus")
  eq(got.status, 3)
  eq(w.read("x.html"), "before")
end)

test("a_plugin_without_report_gets_every_table_with_its_passages", function()
  local w <close> = command.workspace { ["a.txt"] = "标题\n\n前面。价格战来了。后面。\n", ["p.lua"] = PLAIN }
  local page = w.sh("$D -q -f html p.lua a.txt").out
  local t, s = data_of(page, "t1-data"), data_of(page, "sources")
  eq(t.columns, { "doc", "from", "to", "word" })
  eq(#t.rows, 1)
  eq(t.rows[1][4], "价格战")
  local passage = s.passages[t.rows[1][5] + 1]
  local article = s.articles[passage[1] + 1]
  eq(article[6], "a.txt")
  local text = article[9][1]
  eq(text:sub(utf8.offset(text, passage[3] + 1), utf8.offset(text, passage[4] + 1) - 1), "价格战")
end)

test("what_has_no_room_is_said", function()
  local w <close> = command.workspace()
  w.put("p.lua", [[return { input = "none", tables = { t = { { "n", "integer" }, { "text", "string" } } },
    finish = function(ctx) for i = 1, 4000 do ctx:emit("t", { n = i, text = ("字"):rep(600) }) end end }]])
  local page = w.sh("$D -q -f html p.lua").out
  local kept = #data_of(page, "t1-data").rows
  ok(#page < 5000000 and kept < 4000 and kept > 500)
  has(page, '4000 <span data-en="found"')
  has(page, "-f tsv has all")
end)

test("links_that_lead_nowhere_are_errors", function()
  local w <close> = command.workspace(command.articles(12))
  local function report(body) w.put("p.lua", (PLAIN:gsub("}\n$", "report = function(ctx, r) " .. body .. " end }\n"))) end
  report 'r:bars({ { "x", 1 } }, { rows = { table = "hist", column = "word" } })'
  local got = w.sh("$D -q -f html p.lua corpus")
  eq(got.status, 3)
  has(got.err, "no table 'hist'")
  report 'r:bars({ { "x", 1 } }, { rows = { table = "hits", colum = "word" } })'
  has(w.sh("$D -q -f html p.lua corpus").err, "unknown option 'colum'")
  report 'r:scatter({ { "x", 0, 1 } }, { log = true })'
  has(w.sh("$D -q -f html p.lua corpus").err, "r:scatter: point 1 must be { label, x, y } with x and y above 0")
  report 'r:network({ { id = "a", weight = 0 } }, {})'
  has(w.sh("$D -q -f html p.lua corpus").err, "the weight of node a is a number above 0")
  report 'r:table("hits", { places = function() return 1 end })'
  has(w.sh("$D -q -f html p.lua corpus").err, "places must return a list of { from, to }, not a number")
  report 'r:figures({ { 1 } })'
  has(w.sh("$D -q p.lua corpus").err, "r:figures: item 1 must be { value, label }")
end)

test("other_formats_show_figures_too", function()
  local w <close> = command.workspace(command.articles(2))
  w.put("p.lua", (PLAIN:gsub("}\n$", [[report = function(ctx, r)
    r:figures { { 7, "things" }, { 1234, "others" } }
    r:figures({ { 7, "things" } }, { note = "Seven things." })
    r:scatter({ { "a", 1, 2 } }, { title = "Points", x = "width", y = "height" })
    r:network({ { id = "a", weight = 1 } }, {}, { title = "Net" })
  end }]])))
  eq(w.sh("$D -q p.lua corpus").out, "     7  things\n  1234  others\n\nSeven things.\n\n"
    .. "Points\n  (1 points, height against width: -f html draws them)\n\nNet\n  (1 nodes, 0 edges: -f html draws them)\n")
end)

test("bom_for_spreadsheets", function()
  local w <close> = command.workspace(command.articles(3))
  local plain = w.sh("$D -q -f csv pricewar corpus").out
  eq(w.sh("$D -q -f csv --bom pricewar corpus").out, "\xEF\xBB\xBF" .. plain)
  eq(w.sh("$D -q -f tsv --bom segment", "价格\n").out:sub(1, 3), "\xEF\xBB\xBF")
  local got = w.sh("$D -q --bom pricewar corpus")
  eq(got.status, 2)
  has(got.err, "--bom belongs to -f csv and -f tsv")
end)

test("every_stock_plugin_has_a_page", function()
  local w <close> = command.workspace(command.articles(8))
  w.sh("$D -q build s.dsc corpus")
  for _, line in ipairs { "verify s.dsc", "segment -", "query '[key=\"价格\"]' s.dsc", "info s.dsc", "info --dump s.dsc" } do
    local got = w.sh("$D -q -f html " .. line, "价格战来了。\n")
    eq(got.status, 0, line .. got.err)
    has(got.out, "</html>")
  end
end)

test("words_lead_to_examples", function()
  local w <close> = command.workspace { ["a.txt"] = "题\n\n价格战来了。\n", ["b.txt"] = "题\n\n又是價格戰，价格 战。\n", ["p.lua"] = [[return {
    tables = { t = { { "word", "string" } } }, map = function() end,
    finish = function(ctx) for _, word in ipairs { "价格战", "价格 战", "", "没有" } do ctx:emit("t", { word = word }) end end,
    report = function(ctx, r) r:table("t", { find = "word" }) end }]] }
  local page = w.sh("$D -q -f html p.lua a.txt b.txt").out
  local t, s = data_of(page, "t1-data"), data_of(page, "sources")
  eq(#t.rows[1][2], 2, "an example from each article, in either script")
  eq(#t.rows[2][2], 1)
  eq({ t.rows[3][2], t.rows[4][2] }, { require("ds").json.null, require("ds").json.null })
  eq(s.articles[s.passages[t.rows[1][2][2] + 1][1] + 1][6], "b.txt")
end)

local DATES <const> = 'data%-en="Dates".-</dd>'

test("stores_give_the_page_of_their_articles", function()
  local w <close> = command.workspace(command.articles(12))
  w.sh("$D -q build s.dsc corpus")
  for _, line in ipairs { "freq", "ngrams", "kwic --query 价格", "freq --where 'date > 2025-02-01'", "pricewar" } do
    local files, store = w.sh("$D -q -f html " .. line .. " corpus").out, w.sh("$D -q -f html " .. line .. " s.dsc").out
    eq(store:match(DATES), ok(files:match(DATES)), line)
    eq(store:match('id="t1%-data">(.-)</script>'), ok(files:match('id="t1%-data">(.-)</script>')), line)
  end
end)

-- ------------------------------------------------------------------ in a browser

-- Chromium, or why not.
local function browser()
  local pipe = assert(io.popen("cd tests/browser && python3 -c 'import chromium; print(chromium.find() or \"\")' 2>&1"))
  local found = pipe:read("l") or ""
  pipe:close()
  if found == "" then T.skip("no Chromium: make browser-deps") end
  if found:find("Error") then T.skip("no python3: " .. found) end
end

local PAGES <const> = {
  pricewar = "pricewar", stance = "stance --target 马斯克", keyness = "keyness --ref 'date < 2025-02-01'", network = "network --min 2 --level 1",
  trend = "trend --terms 马斯克,价格战 --by day",
}

test("a_browser_shows_sorts_filters_and_leads", function()
  browser()
  local w <close> = command.workspace(command.articles(60))
  for name, line in pairs(PAGES) do
    local got = w.sh(("$D -q -f html -o %s.html %s corpus"):format(name, line))
    eq(got.status, 0, got.err)
  end
  w.sh("LC_ALL= LANG=zh_TW.UTF-8 $D -q -f html -o stance-zh.html stance --target 特斯拉 corpus")
  w.put("many.lua", [[return { input = "none", tables = { t = { { "n", "integer" }, { "text", "string" } } },
    finish = function(ctx) for i = 1, 3000 do ctx:emit("t", { n = i, text = "第" .. i .. "行" }) end end }]])
  w.sh("$D -q -f html -o many.html many.lua")
  hostile(w)
  local pipe = assert(io.popen(("env -u LD_PRELOAD python3 tests/browser/check_report.py %s 2>&1"):format(w.dir)))
  local said = pipe:read("a")
  local good = pipe:close()
  if os.getenv("KEEP") then os.execute(("cp -r %s/*.png %s/*.pdf %s/*.html %s"):format(w.dir, w.dir, w.dir, os.getenv("KEEP"))) end
  if not good then error(said) end
  print("  in Chromium: " .. said:match("(%d+ checks, %d+ failed)"))
end)
