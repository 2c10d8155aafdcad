-- install_test.lua: what `make install` stages runs where it stands; the examples of doc/examples; the rockspec.
local T = require "testing"
require "ds"
local command = require "command"
local test, eq, ok, has = T.test, T.eq, T.ok, T.has

local HERE = require("ds.c.sys").realpath(".")
local EXAMPLES = HERE .. "/doc/examples"

local function installed(program) return os.execute("command -v " .. program .. " > /dev/null 2>&1") end

if BUILD ~= "build" then -- sanitizers: what is installed is the release
  print("  install: skipped, the build is " .. BUILD)
  return
end

-- One stage for all tests; removed by the last.
local w = command.workspace { ["a.txt"] = "標題\n\n價格戰打響，降價不斷。馬斯克說：“價格太高。”\n" }
local STAGE = w.dir .. "/stage"
local USR = STAGE .. "/usr/local"

local function sh(line, input)
  return w.sh(("export PKG_CONFIG_PATH='%s/lib/pkgconfig' PKG_CONFIG_SYSROOT_DIR='%s'; "):format(USR, STAGE) .. line, input)
end

-- A line of shell that must succeed; its output.
local function output(line, input)
  local r = sh(line, input)
  if r.status ~= 0 then error(("%s: status %s\n%s%s"):format(line, tostring(r.status), r.out, r.err), 2) end
  return r.out
end

local function files() return output("find stage ! -type d | sort") end

test("make_install_stages_a_tree", function()
  output(("unset PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR; LANG=zh_CN.UTF-8 make -s -C '%s' install install-hosts DESTDIR='%s' PREFIX=/usr/local"):format(HERE, STAGE))
  for _, name in ipairs { "bin/dsrun", "lib/libds.so", "lib/libds.so.0", "lib/libds.a", "lib/pkgconfig/ds.pc", "lib/lua/5.4/ds.so",
    "include/ds/segment.h", "share/ds/zh.dslex", "share/ds/plugins/stance.lua", "share/ds/lexicons/aliases.tsv",
    "share/man/man1/dsrun.1", "share/man/man1/dsrun-stance.1", "share/bash-completion/completions/dsrun" } do
    ok(T.read(USR .. "/" .. name), name)
  end
  has(T.read(USR .. "/share/man/man1/dsrun.1"), "print the version")
  for name in files():gmatch("[^\n]+") do ok(not (T.read(w.dir .. "/" .. name) or ""):find("@PREFIX@", 1, true), name) end
end)

test("the_staged_program_finds_its_data", function()
  local run = ("cd / && env -i PATH=/usr/bin:/bin '%s/bin/dsrun' "):format(USR)
  has(output(run .. "-q pricewar"), "27 articles")
  has(output(run .. "--list"), "\n  stance ")
  eq(output(run .. "segment", "價格戰打響\n"), "價格戰 打響\n")
  has(output(run .. "--version"), "dsrun ")
  has(output(run .. "stance -q -f jsonl '" .. w.dir .. "/a.txt'"), '"table":"articles","doc":"a.txt"')
end)

test("every_staged_file_is_from_the_stage", function()
  eq(output("find stage -type l -lname '/*'"), "")
end)

test("lua_requires_the_staged_module", function()
  for _, host in ipairs { { "lua5.4", "5.4" }, { "lua5.3", "5.3" }, { "luajit", "5.1" } } do
    local so = ("%s/lib/lua/%s/ds.so"):format(USR, host[2])
    if installed(host[1]) and (T.read(so) or host[1] == "lua5.4") then
      local out = output(("cd / && env -i PATH=/usr/bin:/bin LUA_CPATH='%s' %s '%s/words.lua' '%s/a.txt'"):format(so, host[1], EXAMPLES, w.dir))
      has(out, "1\t价格战\ta.txt:1-9\n")
    else print("  " .. host[1] .. ": skipped, not installed") end
  end
end)

test("every_installed_header_stands_alone", function()
  if not installed("pkg-config") or not installed("cc") then T.skip("no cc or pkg-config") end
  eq(output([[for h in stage/usr/local/include/ds/*.h; do
    echo "#include <$(basename $h)>" | cc -std=c11 -Wall -Wextra -Werror -fsyntax-only $(pkg-config --cflags ds) -x c - || echo $h
  done]]), "")
end)

local function words_program(flags, environment)
  output(("cc -std=c11 -Wall -Wextra -Werror '%s/words.c' %s -o words"):format(EXAMPLES, flags))
  return output(environment .. " ./words \"stage$(PKG_CONFIG_SYSROOT_DIR= pkg-config --variable=datadir ds)/zh.dslex\"", "價格戰 打響，\n")
end

test("a_c_program_links_the_shared_library", function()
  if not installed("pkg-config") or not installed("cc") then T.skip("no cc or pkg-config") end
  eq(words_program("$(pkg-config --cflags --libs ds)", "LD_LIBRARY_PATH=stage/usr/local/lib"), "價格戰 打響 ，\n")
  has(output("LD_LIBRARY_PATH=stage/usr/local/lib ldd words"), "libds.so.0 => ")
  local r = sh("LD_LIBRARY_PATH=stage/usr/local/lib ./words nothing.dslex")
  eq(r.status, 1)
  has(r.err, "nothing.dslex")
end)

test("a_c_program_links_the_static_library", function()
  if not installed("pkg-config") or not installed("cc") then T.skip("no cc or pkg-config") end
  eq(words_program("$(pkg-config --static --cflags --libs ds) -static", ""), "價格戰 打響 ，\n")
end)

test("man_pages_are_well_formed", function()
  if not installed("man") then T.skip("no man(1)") end
  for page in output("ls stage/usr/local/share/man/man1/*.1"):gmatch("[^\n]+") do
    local r = sh(("LC_ALL=C.UTF-8 MANROFFSEQ= MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z %s > /dev/null"):format(page))
    eq(r.err, "", page)
    if installed("mandoc") then eq(sh("mandoc -T lint -W error " .. page).out, "", page) end
  end
end)

local function completed(shell, line, program)
  if not installed(shell) then print("  " .. shell .. ": skipped, not installed") return nil end
  return output(program:format(line))
end

test("completions_load_and_complete", function()
  local share = USR .. "/share"
  local bash = completed("bash", "x", "bash -c '. stage/usr/local/share/bash-completion/completions/dsrun; COMP_WORDS=(dsrun sta); " ..
    "COMP_CWORD=1; COMP_LINE=\"dsrun sta\"; COMP_POINT=9; $(complete -p dsrun | sed \"s/.*-F \\([^ ]*\\) .*/\\1/\") dsrun sta dsrun; echo ${COMPREPLY[@]}'")
  if bash then eq(bash, "stance\n") end
  local fish = completed("fish", "x", "fish -c 'source stage/usr/local/share/fish/vendor_completions.d/dsrun.fish; complete -C \"dsrun stance --targ\"'")
  if fish then has(fish, "--target") end
  if installed("zsh") then
    eq(output("zsh -n " .. share .. "/zsh/site-functions/_dsrun && zsh -fc 'fpath=(" .. share ..
      "/zsh/site-functions $fpath); autoload -Uz compinit; compinit -D; echo ${_comps[dsrun]}'"), "_dsrun\n")
  else print("  zsh: skipped, not installed") end
end)

test("pandoc_filters_work", function()
  if not installed("pandoc") then T.skip("no pandoc") end
  local text = "# 價格戰*打響*\n\n今天`降價`，“資訊科技”降價。\n"
  local simple = output(("DSRUN='%s/bin/dsrun' pandoc -t plain --lua-filter '%s/simplify.lua'"):format(USR, EXAMPLES), text)
  eq(simple, "价格战打响\n\n今天降價，“资讯科技”降价。\n")
  local r = sh(("LUA_CPATH='%s/lib/lua/5.3/ds.so' pandoc -t markdown --lua-filter '%s/mark.lua'"):format(USR, EXAMPLES), text)
  if r.err:find("not found", 1, true) then T.skip("this pandoc loads no C modules of Lua 5.3") end
  has(r.out, [["資訊科技"**降價**]])
end)

test("luarocks_makes_a_rock", function()
  if not installed("luarocks") then T.skip("no luarocks") end
  output(("mkdir rock && cd rock && cp -a '%s'/core '%s'/lua '%s'/plugins '%s'/corpus '%s'/Makefile '%s'/LICENSE '%s'/*.rockspec '%s'/build .")
    :gsub("%%s", HERE))
  local r = sh("unset PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR; cd rock && luarocks --lua-version 5.4 --tree ../tree make *.rockspec")
  if r.status ~= 0 and (r.out .. r.err):find("Lua 5.4 interpreter", 1, true) then T.skip("luarocks finds no Lua 5.4") end
  eq(r.status, 0, r.out:sub(-2000) .. r.err:sub(-2000))
  output("rm -rf rock")
  eq(output([[cd / && env -i PATH=/usr/bin:/bin LUA_CPATH=']] .. w.dir .. [[/tree/lib/lua/5.4/?.so' lua5.4 -e '
    local ds = require "ds" print(#assert(ds.segmenter()):words("價格戰打響")) for d in assert(ds.corpus.open("]] .. w.dir .. [[/a.txt")):docs() do print(d.title) end']]),
    "2\n標題\n")
  has(output("cd / && luarocks --lua-version 5.4 --tree '" .. w.dir .. "/tree' list --porcelain ds"), "0.1.0-1\tinstalled")
  output("cd / && luarocks --lua-version 5.4 --tree '" .. w.dir .. "/tree' remove ds")
  eq(output("find tree -name 'zh.*' -o -name ds.so"), "")
end)

test("make_uninstall_takes_all_of_it_away", function()
  output(("unset PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR; make -s -C '%s' uninstall DESTDIR='%s' PREFIX=/usr/local"):format(HERE, STAGE))
  eq(files(), "")
end)

getmetatable(w).__close(w)
