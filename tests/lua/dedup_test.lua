-- dedup_test.lua: --dedup leaves copies out, the same ones in every way to run.
local T = require "testing"
require "ds"
local test, eq, ok = T.test, T.eq, T.ok
local DSRUN = require("ds.c.sys").realpath(BUILD) .. "/dsrun"

local STORY = "海岛上的灯塔在夜里忽然熄灭，守塔人提着油灯爬上一百二十级台阶，发现是风把电缆吹断了。天亮以后修理船才到，" ..
  "船长说这样的事三十年里只有两回。镇长答应明年换一根结实的电缆，守塔人说他不着急，反正他喜欢爬楼梯。"
local OTHER = "图书馆的屋顶漏雨，馆员把报纸合订本搬到二楼，读者帮忙递了一下午的箱子。傍晚雨停了，有人在门口摆开桌子晒书。"

-- A directory of articles; the copy is in the other script, with a word put in.
local function corpus()
  local ds = require "ds"
  local dir = os.tmpname()
  os.remove(dir)
  os.execute("mkdir -p " .. dir)
  local function put(name, date, text)
    local f = assert(io.open(dir .. "/" .. name, "w"))
    f:write(("---\ntitle: %s\ndate: %s\n---\n\n%s\n"):format(name, date, text))
    f:close()
  end
  put("a.md", "2025-02-02", STORY)
  put("b.md", "2025-02-03", "本報訊　" .. ds.utf8.traditional(STORY):gsub("天亮", "據悉，天亮"))
  put("c.md", "2025-02-01", OTHER)
  put("d.md", "2025-02-04", STORY:sub(1, 120) .. "。这一段是新写的，与前面说的全不相干，只为让文章长一些，于是抄来的占不到一半。")
  return dir
end

local function run(args)
  local name = os.tmpname()
  local pipe = assert(io.popen(("%s %s 2> %s"):format(DSRUN, args, name)))
  local out = pipe:read("a")
  local _, _, status = pipe:close()
  local err = T.read(name)
  os.remove(name)
  return out, err, status
end

test("copies_are_left_out_and_counted", function()
  local dir = corpus()
  local out, err = run("freq -f text --dedup cluster --top 3 " .. dir)
  ok(out:find("^%-%-dedup cluster: 1 articles are copies of earlier ones and left out%.\n"), out)
  ok(err:find("4 articles read, 1 skipped (copy of an earlier article: 1)", 1, true), err)
  local ids = {}
  for id in run("cat -q -f jsonl --dedup cluster " .. dir):gmatch('"id":"(.-)"') do ids[#ids + 1] = id end
  eq(ids, { "a.md", "c.md", "d.md" })
  eq(#run("cat -q -f jsonl " .. dir):gsub("[^\n]", ""), 4)
  os.execute("rm -rf " .. dir)
end)

test("any_number_of_workers_leaves_the_same_out", function()
  local dir = corpus()
  for _, plugin in ipairs { "freq", "info", "keyness --ref 'date < 2025-02-02'" } do
    local one = run(plugin .. " -q -f jsonl --dedup cluster " .. dir)
    ok(#one > 0)
    eq(run(plugin .. " -q -f jsonl -j 3 --dedup cluster " .. dir), one, plugin)
  end
  os.execute("rm -rf " .. dir)
end)

test("where_it_makes_no_sense_it_is_refused", function()
  local _, err, status = run("segment --dedup cluster < /dev/null")
  ok(status == 2 and err:find("--dedup belongs to plugins that read articles", 1, true), err)
  _, err, status = run("--map freq --dedup cluster < /dev/null")
  ok(status == 2 and err:find("--dedup wants all articles at once", 1, true), err)
end)

-- What the field of a row holds, by another one.
local function column(out, key, field)
  local values = {}
  for line in out:gmatch("[^\n]+") do
    local name = line:match('"' .. key .. '":"(.-)"')
    if name then values[name] = tonumber(line:match('"' .. field .. '":([%d.]+)')) end
  end
  return values
end

test("the_articles_of_a_cluster_weigh_one_together", function()
  local dir = corpus()
  os.execute(("sed 's/2025-02-02/2025-02-05/' %s/a.md > %s/e.md"):format(dir, dir))
  local out, err = run("cat -f jsonl --dedup weight " .. dir)
  local weight = column(out, "id", "weight")
  eq(weight["c.md"], 1)
  eq(weight["d.md"], 1)
  eq(weight["a.md"] + weight["b.md"] + weight["e.md"], 1.0)
  ok(math.abs(weight["b.md"] - 1 / 3) < 1e-6)
  ok(err:find("3 articles copy one another; they make 1 clusters", 1, true), err)
  local totals = column(run("info -q -f jsonl --dedup weight " .. dir), "what", "n")
  eq(totals.articles, 3)
  ok(run("freq --dedup weight " .. dir):find("^%-%-dedup weight: 3 articles copy one another"))
  os.execute("rm -rf " .. dir)
end)

test("weighed_counts_are_sums_of_weights", function()
  local dir = corpus()
  local weight = column(run("cat -q -f jsonl --dedup weight " .. dir), "id", "weight")
  local sum = 0
  for id, w in pairs(weight) do
    sum = sum + w * (column(run(("freq -q -f jsonl %s/%s"):format(dir, id)), "word", "n")["灯塔"] or 0)
  end
  ok(sum > 0)
  ok(column(run("freq -q -f jsonl --dedup weight " .. dir), "word", "n")["灯塔"] == sum)
  os.execute("rm -rf " .. dir)
end)

test("any_number_of_workers_weighs_the_same", function()
  local dir = corpus()
  for _, words in ipairs(require "stock") do
    local args = table.concat(words, " ") .. " -q -f jsonl --dedup weight "
    local one, err, status = run(args .. dir)
    if status ~= 0 then ok(status == 2 and err:find("does not weigh articles", 1, true), args .. err)
    else eq(run(args .. "-j 3 " .. dir), one, args) end
  end
  os.execute("rm -rf " .. dir)
end)

test("a_plugin_that_does_not_weigh_is_refused", function()
  local _, err, status = run("reuse --dedup weight corpus")
  ok(status == 2 and err:find("reuse does not weigh articles", 1, true), err)
  local name = os.tmpname()
  local f = assert(io.open(name, "w"))
  f:write("return { tables = { a = { { 'doc', 'string' } } }, map = function(doc, ctx) ctx:weight() end }")
  f:close()
  os.rename(name, name .. ".lua")
  _, err, status = run(name .. ".lua corpus")
  ok(status == 3 and err:find("ctx:weight: declare weighs = true", 1, true), err)
  os.remove(name .. ".lua")
end)
