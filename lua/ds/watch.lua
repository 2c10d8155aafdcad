-- watch.lua: --watch: runs the same command line again whenever a file that it depends on changes.
--
-- Each run is a process of its own, so nothing of the last one is left; a run that is under way when the file changes
-- is stopped.  Ctrl-C ends both.
local failure = require "ds.failure"
local sys = require "ds.c.sys"

local watch = {}

local STEP <const> = 0.2 -- seconds between two looks at the files

-- What tells that a file has changed: editors write anew or replace.
local function stamps(files)
  local out = {}
  for i, path in ipairs(files) do
    local st = sys.stat(path)
    out[i] = st and ("%d:%d:%d"):format(st.mtime, st.size, st.inode) or "none"
  end
  return table.concat(out, " ")
end

-- The files of the command line that are Lua or tables of words; a corpus is not looked at.
local function watched(path, words)
  local files = { path }
  for _, word in ipairs(words) do
    local value = word:match("^%-%-[%l-]+=(.*)$") or word
    local st = value:find("%.%w+$") and sys.stat(value)
    if st and st.kind == "file" then files[#files + 1] = value end
  end
  return files
end

--- Runs dsrun with `words` again and again.
---@param path string of the plugin
---@param words string[] the command line without --watch
function watch.run(path, words)
  local files = watched(path, words)
  while true do
    local seen = stamps(files)
    local child = sys.start(words)
    local status
    repeat
      sys.sleep(STEP)
      status = status or sys.finished(child)
    until stamps(files) ~= seen
    if not status then sys.stop(child) end
    failure.say(require("ds.messages").t("%s has changed"):format(path))
  end
end

return watch
