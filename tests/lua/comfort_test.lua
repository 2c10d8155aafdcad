-- comfort_test.lua: the prompt, --watch, scripts that are programs, man pages and completion.
local T = require "testing"
require "ds"
local test, eq, ok, has = T.test, T.eq, T.ok, T.has

local command = require "command"
local put, workspace = command.put, command.workspace

local function installed(program) return os.execute("command -v " .. program .. " > /dev/null 2>&1") end

-- ------------------------------------------------------------------ -i

test("the_prompt_runs_lines_as_they_come", function()
  local w <close> = workspace()
  local r = w.sh("$D -i", [[
x = 5
x * 2
for i = 1, 2 do
  print(i)
end
ds.utf8.len("字")
return 1, nil, 3
]])
  eq({ r.status, r.out, r.err }, { 0, "10\n1\n2\n1\n1\tnil\t3\n", "" })
end)

test("the_prompt_goes_on_after_errors_and_limits", function()
  local w <close> = workspace()
  local r = w.sh("$D -i --article-timeout 0.1 --memory 32M", [[
error("oops")
nope
while true do pcall(function() while true do end end) end
("x"):rep(1 << 30)
1 +

print("still here")
]])
  eq({ r.status, r.out }, { 0, "still here\n" })
  has(r.err, "dsrun: prompt:1: oops\n")
  has(r.err, "undeclared global 'nope'")
  has(r.err, "longer than --article-timeout allows")
  has(r.err, "more memory is wanted than --memory allows")
end)

test("the_prompt_has_the_corpus", function()
  local w <close> = workspace { ["a.txt"] = "標題\n\n第一句。\n" }
  eq(w.sh("$D -i a.txt", "for d in corpus:docs() do print(d.title) end\nio\n").out, "標題\n")
end)

test("the_prompt_edits_lines_on_a_terminal", function()
  if not installed("script") then T.skip("no script(1)") end
  local w <close> = workspace { ["a.txt"] = "標題\n\n第一句。\n" }
  local typed = [[sleep 0.7; printf 'print(6 * 7)\n'; sleep 0.5; printf "ds.utf8.gle\t('字')\n"; sleep 0.5; printf '\004']]
  local ready = w.sh(("( %s ) | TERM=xterm timeout 20 script -qec '$D -i a.txt; echo status $?' /dev/null"):format(typed))
  if ready.out:find("no line editing") then T.skip("libedit2 is not installed") end
  has(ready.out, "TAB completes")
  has(ready.out, "\n42\r\n")
  has(ready.out, "\n1\r\n") -- only glen can be meant
  has(ready.out, "status 0")
  has(T.read(w.dir .. "/.dsrun_history") or "no history", "print(6")
end)

test("completion_knows_the_library_and_the_fields_of_articles", function()
  local w <close> = workspace()
  put(w.dir .. "/t.lua", "")
  local prompt_words = function(word)
    local r = w.sh(("$D --trust -e 'local p = require(\"ds.prompt\") print(table.concat(p.complete({ ds = ds, print = print }, %q), \" \"))'")
      :format(word))
    return r.out .. r.err
  end
  eq(prompt_words("ds.utf8.gl"), "ds.utf8.glen\n")
  has(prompt_words("ds."), "ds.corpus ds.date")
  has(prompt_words("ds.st"), "ds.stance ds.stance_trainer ds.stats")
  has(prompt_words("doc."), "doc.author doc.date")
  eq(prompt_words("pri"), "print\n")
  eq(prompt_words("ds.nothing.x"), "\n")
end)

-- ------------------------------------------------------------------ --watch, #!

test("watch_runs_again_when_the_plugin_changes", function()
  local w <close> = workspace { ["p.lua"] = "print('first')" }
  local r = w.sh([[timeout 10 $D --watch p.lua > watched 2> said & pid=$!
    for i in $(seq 50); do grep -q first watched && break; sleep 0.1; done
    echo "print('second')" > p.lua
    for i in $(seq 50); do grep -q second watched && break; sleep 0.1; done
    echo "while true do end" > p.lua; sleep 1
    echo "print('third')" > p.lua
    for i in $(seq 50); do grep -q third watched && break; sleep 0.1; done
    kill -INT $pid; wait $pid; echo status $?; cat watched said]])
  has(r.out, "first\nsecond\nthird\n")
  has(r.out, "status 130\n")
  has(r.out, "dsrun: p.lua has changed\n")
end)

test("a_file_with_a_first_line_for_the_system_is_a_program", function()
  local w <close> = workspace { ["prog"] = "#!/usr/bin/env dsrun\nprint(arg[0]:match('[^/]*$'), ...)\nprint(arg[1])\n", ["a.txt"] = "甲\n\n乙。\n" }
  local r = w.sh("chmod +x prog && ./prog a.txt")
  eq({ r.status, r.out }, { 0, "prog\na.txt\n" })
end)

-- ------------------------------------------------------------------ --list, --man, --completion

test("list_has_a_line_for_each_plugin", function()
  local w <close> = workspace()
  local out = w.sh("$D --list").out
  for line in out:gmatch("[^\n]+") do ok(line:find("^  %l[%w-]+%s+%S"), line) end
  has(out, "  stance ")
end)

test("man_pages_are_made_of_the_declarations", function()
  local w <close> = workspace()
  local page = w.sh("$D --man").out
  for _, part in ipairs { '.TH DSRUN 1', "\\-\\-article\\-timeout", ".SH EXIT STATUS\n.TP\n.B 0", ".B 4" } do has(page, part) end
  local plugin = w.sh("$D stance --man").out
  for _, part in ipairs { ".TH DSRUN-STANCE 1", "\\fB\\-\\-target\\fR \\fITEXT\\fR", ".SS sentences" } do has(plugin, part) end
  put(w.dir .. "/odd.lua", [[return { about = "A \\ and\n.a line", input = "none", finish = function() end,
    options = { { "xy", help = "'quoted', .dotted" } } }]])
  put(w.dir .. "/odd.1", w.sh("$D ./odd.lua --man").out)
  if not installed("man") then T.skip("no man(1)") end
  put(w.dir .. "/dsrun.1", page)
  put(w.dir .. "/stance.1", plugin)
  for _, name in ipairs { "dsrun.1", "stance.1", "odd.1" } do
    local r = w.sh("LC_ALL=C.UTF-8 MANROFFSEQ= man --warnings -E UTF-8 -l ./" .. name)
    eq(r.err, "", name)
    ok(#r.out > 200)
  end
end)

test("bash_completes", function()
  if not installed("bash") then T.skip("no bash") end
  local w <close> = workspace()
  put(w.dir .. "/c.bash", w.sh("$D --completion bash").out)
  local function complete(words)
    local list = {}
    for word in (words .. "|"):gmatch("([^|]*)|") do list[#list + 1] = ("%q"):format(word) end
    local r = w.sh(([[bash -c 'compopt() { :; }; . ./c.bash; COMP_WORDS=(dsrun %s); COMP_CWORD=%d; _dsrun; echo "${COMPREPLY[@]}"']])
      :format(table.concat(list, " "), #list))
    eq(r.err, "")
    return r.out
  end
  eq(complete("sta"), "stance\n")
  eq(complete("--art"), "--article-timeout\n")
  eq(complete("--format|js"), "jsonl\n")
  eq(complete("stance|--tar"), "--target\n")
  eq(complete("pricewar|--tar"), "\n")
  has(complete("stance|--"), "--timeout")
end)

test("zsh_and_fish_take_their_scripts", function()
  local w <close> = workspace()
  put(w.dir .. "/c.zsh", w.sh("$D --completion zsh").out)
  put(w.dir .. "/c.fish", w.sh("$D --completion fish").out)
  has(T.read(w.dir .. "/c.zsh"), "#compdef dsrun")
  has(T.read(w.dir .. "/c.fish"), "complete -c dsrun -l article-timeout -x -d ")
  if installed("zsh") then
    local r = w.sh("zsh -fn c.zsh")
    eq({ r.status, r.err }, { 0, "" })
  end
  if not installed("fish") then T.skip("no fish") end
  local r = w.sh("fish --no-config -c 'source c.fish; complete -C \"dsrun sta\"; complete -C \"dsrun stance --targ\"'")
  eq(r.err, "")
  has(r.out, "stance\t")
  has(r.out, "--target")
end)

-- ------------------------------------------------------------------ Chinese

test("chinese_readers_are_spoken_to_in_chinese", function()
  local w <close> = workspace { ["a.txt"] = "標題\n\n第一句。\n", ["p.lua"] = "return { map = function() while true do end end }" }
  local cn = w.sh("LC_ALL=zh_CN.UTF-8 $D --help").out
  for _, part in ipairs { "用法：dsrun", "选项，可写在", "退出状态：0 完成", "（默认：skip）" } do has(cn, part) end
  has(w.sh("LC_ALL= LC_MESSAGES= LANG=zh_TW.UTF-8 $D --help").out, "選項")
  has(w.sh("LC_ALL= LC_MESSAGES= LANG=zh_HK $D stanc").err, "沒有名為“stanc”")
  has(w.sh("LC_ALL=C LANG=zh_CN.UTF-8 $D --help").out, "usage: dsrun")
  local r = w.sh("LC_ALL=zh_SG.UTF-8 $D p.lua --article-timeout 0.1 a.txt")
  eq(r.status, 4)
  has(r.err, "p.lua:1: 文章用时超过 --article-timeout\n  阶段：map\n  文章：a.txt\n  调用栈：\n    p.lua:1: 在钩子 'map' 中\n")
  has(r.err, "已读 1 篇文章，结果不完整：1 篇因达到限制而略去")
  r = w.sh("LC_ALL=zh_CN.UTF-8 $D stance --tagret x")
  eq({ r.status, r.err }, { 2, "dsrun: 未知选项 --tagret；是不是 --target？\n" })
end)

test("every_option_of_the_host_has_its_chinese", function()
  local w <close> = workspace()
  local r = w.sh([[LC_ALL=zh_CN.UTF-8 $D --trust -e 'local t = require("ds.messages").t
    for _, o in ipairs(require("ds.options").host) do if t(o.help) == o.help then print(o[1]) end end']])
  eq({ r.out, r.err }, { "", "" })
end)

-- ------------------------------------------------------------------ messages

-- The library's Lua source, strings that are joined over lines put together.
local function joined(names)
  local parts = {}
  for _, name in ipairs(names) do parts[#parts + 1] = T.read("lua/ds/" .. name) end
  return (table.concat(parts, "\n"):gsub('"%s*%.%.%s*"', ""))
end

test("every_option_and_wrong_use_has_its_chinese", function()
  local known = require("ds.messages").known()
  for _, o in ipairs(require("ds.options").host) do ok(known[o.help], "no Chinese for the help of --" .. o[1]) end
  for call in joined { "main.lua", "scale.lua" }:gmatch('failure%.usage%((".-[^\\]")') do
    local text = load("return " .. call)()
    ok(known[text] or not text:gsub("%%[sd]", ""):find("%a"), "no Chinese for: " .. text)
  end
end)

test("every_chinese_text_is_of_a_message_that_is_said", function()
  local names, pipe = {}, assert(io.popen("cd lua/ds && ls *.lua"))
  for name in pipe:lines() do
    if name ~= "messages.lua" then names[#names + 1] = name end
  end
  pipe:close()
  local source = joined(names)
  for text in pairs(require("ds.messages").known()) do
    local literal = ("%q"):format(text):sub(2, -2):gsub("\\\n", "\\n")
    local unit = text:match("^%%d (%a+) read$") -- put together by tally.lua
    local in_c = text:find("libedit", 1, true) -- bind_prompt.c
    ok(source:find(literal, 1, true) or source:find(text, 1, true) or in_c or unit, "nothing says: " .. text)
  end
end)

test("no_plugin_fails_where_there_is_nothing_to_find", function()
  local w <close> = workspace { ["a.txt"] = "好。\n", ["b.txt"] = "嗯\n\n哦。\n" }
  local n = 0
  for name in w.sh("$D --list").out:gmatch("\n?  (%l+) ") do
    if name ~= "new" and name ~= "build" then
      local r = w.sh(("$D %s a.txt b.txt"):format(name))
      ok(r.status < 3, name .. ": " .. r.err) -- 2: it wants an option
      n = n + (r.status == 0 and 1 or 0)
    end
  end
  ok(n > 10, n)
end)
