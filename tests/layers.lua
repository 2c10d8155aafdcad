-- layers.lua DIR: fails when a core file includes a header that stands to its right in the order of layers.
local order = { "error", "alloc", "mapping", "cpu", "utf8", "offmap", "norm", "fold", "encoding", "trie", "lexicon",
                "match", "userdict", "tag", "nn", "segment", "train", "quantity", "convert", "span", "textview", "block", "postings", "vocab",
                "fields", "index", "store", "cql", "query", "hits", "decimal", "stats", "acc", "measures",
                "series", "shingle", "align", "reuse", "newwords" }
local rank = {}
for i, name in ipairs(order) do rank[name] = i end

local dir, bad, files = arg[1], 0, 0
local list = assert(io.popen("ls " .. dir .. "/*.c " .. dir .. "/*.h"))
for path in list:lines() do
  local module = path:match("([%w]+)[%w_]*%.[ch]$")
  local mine = rank[module]
  if not mine then
    io.stderr:write(path, ": module ", tostring(module), " has no place in the order of layers (tests/layers.lua)\n")
    bad = bad + 1
  else
    files = files + 1
    local line_no = 0
    for line in io.lines(path) do
      line_no = line_no + 1
      local header = line:match('^%s*#%s*include%s+"([%w]+)[%w_]*%.h"')
      local theirs = header and rank[header]
      if line:find("lua.h", 1, true) or line:find("lauxlib", 1, true) or (theirs and theirs > mine) then
        io.stderr:write(("%s:%d: %s may not include %s\n"):format(path, line_no, module, header or line))
        bad = bad + 1
      end
    end
  end
end
list:close()
if bad > 0 then os.exit(1) end
print(("layers: %d files, every include points left"):format(files))
