-- command.lua: runs dsrun in a directory of its own.
local T = require "testing"
require "ds"
local command = { DSRUN = require("ds.c.sys").realpath(BUILD) .. "/dsrun" }

function command.put(path, bytes)
  local f = assert(io.open(path, "wb"))
  f:write(bytes)
  f:close()
end

--- A temporary directory, the current one of every command; files: name to bytes.
function command.workspace(files)
  local pipe = assert(io.popen("mktemp -d"))
  local w = { dir = pipe:read("l") }
  pipe:close()
  function w.put(name, bytes)
    local parent = name:match("^(.*)/")
    if parent then os.execute(("mkdir -p '%s/%s'"):format(w.dir, parent)) end
    command.put(w.dir .. "/" .. name, bytes)
  end
  function w.read(name) return T.read(w.dir .. "/" .. name) end
  --- Runs a line of shell, in which $D is dsrun and HOME the directory; `input` is its standard input.  A sanitizer is linked
  --- into dsrun; other commands (split, sort, man) run without the library that plain lua5.4 has to load for it.
  function w.sh(line, input)
    command.put(w.dir .. "/.in", input or "")
    local _, _, status = os.execute(("unset LD_PRELOAD; cd %s && export HOME=$PWD XDG_STATE_HOME= D='%s' PATH='%s':$PATH; (%s) < .in > .out 2> .err")
      :format(w.dir, command.DSRUN, command.DSRUN:match("^(.*)/"), line))
    return { status = status, out = w.read(".out"), err = w.read(".err") }
  end
  for name, bytes in pairs(files or {}) do w.put(name, bytes) end
  return setmetatable(w, { __close = function() os.execute("rm -rf " .. w.dir) end })
end

--- Articles like those of the corpus, but many: every one a shuffle of real sentences, with a name of its own.
function command.articles(n)
  local sentences, files, state = {}, {}, 7
  local function draw(k)
    state = state * 6364136223846793005 + 1442695040888963407
    return (state >> 33) % k + 1
  end
  for doc in require("ds").corpus.open("corpus/articles"):docs() do
    for s in doc:sentences() do
      if s.part == "body" and not s.text:find("\n") then sentences[#sentences + 1] = s.text end
    end
  end
  for i = 1, n do
    local body = {}
    for j = 1, draw(12) do body[j] = sentences[draw(#sentences)] .. (draw(4) == 1 and "\n\n" or "") end
    files[("corpus/%s/%03d.md"):format(({ "b", "a", "c" })[i % 3 + 1], i)] =
      ("---\ntitle: 第%d篇\ndate: 2025-0%d-1%d\n---\n\n%s\n"):format(i, i % 3 + 1, i % 10, table.concat(body))
  end
  return files
end

return command
