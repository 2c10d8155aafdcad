-- newwords_test.lua: ds.newwords, and that what it saves is a user dictionary.
local T = require "testing"
local ds = require "ds"
local test, eq, ok, raises = T.test, T.eq, T.ok, T.raises
local DSRUN = require("ds.c.sys").realpath(BUILD) .. "/dsrun"

-- A made-up word in surroundings that differ, in both scripts.
local TEXTS = {
  "会上他提到蓝鲸漆，说这是一种涂料。", "店里的藍鯨漆卖完了。", "父亲买回一桶蓝鲸漆。", "蓝鲸漆不怕潮湿，", "用藍鯨漆刷三遍就够，",
  "没人听说过蓝鲸漆！", "于是蓝鲸漆涨价，", "所谓蓝鲸漆与水无关。",
}

local function find(opts)
  opts = opts or {}
  opts.cohesion = 2 -- the corpus is small
  local newwords = assert(ds.newwords(opts))
  for i, text in ipairs(TEXTS) do newwords:add { id = "t" .. i, text = text } end
  local by_word, list = {}, newwords:find()
  for _, w in ipairs(list) do by_word[w.word] = w end
  return by_word, list
end

test("a_new_word_is_found_in_both_scripts_and_its_fragments_are_not", function()
  local by_word = find()
  local w = ok(by_word["蓝鲸漆"], "蓝鲸漆")
  eq({ w.n, w.docs, w.doc, w.kind }, { 8, 8, "t1", "word" })
  eq(TEXTS[1]:sub(w.from, w.to), "蓝鲸漆")
  ok(not by_word["鲸漆"] and not by_word["蓝鲸"], "fragments")
  ok(w.cohesion > 2 and w.left > 1.5 and w.right > 1.5)
end)

test("words_of_the_dictionary_are_not_new", function()
  local seg = assert(ds.segmenter {})
  seg:add("蓝鲸漆")
  eq(find { segmenter = seg }["蓝鲸漆"], nil)
end)

test("thresholds_and_misuse", function()
  eq(find { min = 9 }["蓝鲸漆"], nil)
  eq(find { entropy = 5 }["蓝鲸漆"], nil)
  raises("unknown option 'mni'; did you mean 'min'?", ds.newwords, { mni = 3 })
  raises("min is a number not below 0", ds.newwords, { min = -1 })
  raises("id and text are strings", function() ds.newwords():add { id = "a" } end)
  eq(#ds.newwords():find(), 0)
end)

test("what_is_saved_is_a_user_dictionary", function()
  local dir = os.tmpname()
  os.remove(dir)
  os.execute("mkdir -p " .. dir .. "/c")
  local function put(name, bytes)
    local f = assert(io.open(dir .. "/" .. name, "w"))
    f:write(bytes)
    f:close()
  end
  put("c/a.txt", table.concat(TEXTS, "\n"))
  put("line", "买了一桶藍鯨漆")
  eq(os.execute(("%s newwords -q --cohesion 2 --save %s/my.dict %s/c > %s/out"):format(DSRUN, dir, dir, dir)), true)
  ok(T.read(dir .. "/my.dict"):find("\n蓝鲸漆 %d+ n\n"), T.read(dir .. "/my.dict"))
  eq(os.execute(("%s segment --user-dict %s/my.dict %s/line > %s/out"):format(DSRUN, dir, dir, dir)), true)
  ok(T.read(dir .. "/out"):find(" 藍鯨漆$"), T.read(dir .. "/out"))
  os.execute("rm -rf " .. dir)
end)
