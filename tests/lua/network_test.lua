-- network_test.lua: ds.graph's files are read back by an XML reader; the plugin counts by hand.
local T = require "testing"
local ds = require "ds"
local test, eq, ok, raises = T.test, T.eq, T.ok, T.raises
local DSRUN = require("ds.c.sys").realpath(BUILD) .. "/dsrun"
local PYTHON = "/usr/bin/python3"

local function workspace(files)
  local dir = os.tmpname()
  os.remove(dir)
  os.execute("mkdir -p " .. dir .. "/c")
  for name, text in pairs(files) do
    local f = assert(io.open(dir .. "/c/" .. name, "w"))
    f:write(text)
    f:close()
  end
  return dir
end

local NODES = { { id = "a & b", weight = 3 }, { id = "<马斯克>\1\"", label = "馬'斯克", weight = 1 }, { id = "c", weight = 2.5 } }
local EDGES = { { source = "a & b", target = "c", weight = 2 }, { source = "c", target = "<马斯克>\1\"", weight = 0.5 } }

test("files_are_well_formed_and_hold_the_graph", function()
  if not os.execute(PYTHON .. " -c 'import xml.etree' 2>/dev/null") then T.skip("no " .. PYTHON) end
  local g = ds.graph(NODES, EDGES)
  for _, case in ipairs { { "graphml", "node", "edge" }, { "gexf", "node", "edge" }, { "svg", "circle", "line" } } do
    local format, node, edge = case[1], case[2], case[3]
    local name = os.tmpname()
    local f = assert(io.open(name, "w"))
    f:write(g[format](g))
    f:close()
    local pipe = assert(io.popen(([[%s -c "
import sys, xml.etree.ElementTree as t
n = [e.tag.split('}')[1] for e in t.parse('%s').iter()]
print(n.count('%s'), n.count('%s'))"]]):format(PYTHON, name, node, edge)))
    eq(pipe:read("l"), "3 2", format)
    pipe:close()
    os.remove(name)
    eq(g[format](g), g[format](ds.graph(NODES, EDGES)), format)
  end
end)

test("an_empty_graph_and_one_of_one_node_are_drawn", function()
  ok(ds.graph({}, {}):svg():find("</svg>", 1, true))
  ok(not ds.graph({ { id = "a", weight = 1 } }, {}):svg():find("nan"))
end)

test("misuse_raises", function()
  raises("has no id of its own", ds.graph, { { id = "a", weight = 1 }, { id = "a", weight = 1 } }, {})
  raises("joins no two nodes", ds.graph, { { id = "a", weight = 1 } }, { { source = "a", target = "b", weight = 1 } })
  raises("is a number above 0", ds.graph, { { id = "a", weight = 0 } }, {})
end)

test("names_overlap_once_and_cut_no_word", function()
  local m = assert(ds.matcher { ["Grok"] = "Grok", ["Grok 3"] = "Grok 3", ["Meta"] = "Meta", ["马斯克"] = "M", ["埃隆·马斯克"] = "M" })
  local list = {}
  for from, to, label in m:names("Grok 3和grok，metadata里沒有Meta，埃隆·馬斯克") do list[#list + 1] = label .. from .. "-" .. to end
  eq(list, { "Grok 31-6", "Grok10-13", "Meta34-37", "M41-57" })
end)

test("edges_are_what_stands_in_one_sentence", function()
  local dir = workspace {
    ["a.txt"] = "标题\n\n甲公司与乙公司签约。乙公司说好。甲公司和乙公司、丙公司开会。\n",
    ["b.txt"] = "标题\n\n丙公司自己开会。乙公司与甲公司又签约！没有人来。没有人走。没有人哭。\n",
  }
  local pipe = assert(io.popen(("%s network -q --words 甲公司,乙公司,丙公司 --level 1 --min 1 --svg %s/x.svg -f jsonl %s/c"):format(DSRUN, dir, dir)))
  local rows = {}
  for line in pipe:lines() do
    local row = assert(ds.json.decode(line))
    rows[row.table] = rows[row.table] or {}
    table.insert(rows[row.table], row)
  end
  pipe:close()
  local e = rows.edges[1]
  eq({ #rows.edges, e.a, e.b, e.n, e.docs, e.doc }, { 3, "乙公司", "甲公司", 3, 2, "a.txt" })
  eq({ rows.totals[1].units, rows.totals[1].pairs }, { 8, 3 })
  local want = ds.stats.assoc { o11 = 3, r1 = 4, c1 = 3, n = 8 }
  eq({ e.ll, e.e }, { want.ll, want.e })
  ok(T.read(dir .. "/x.svg"):find("甲公司", 1, true))
  os.execute("rm -rf " .. dir)
end)
