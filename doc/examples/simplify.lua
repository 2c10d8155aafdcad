-- A pandoc filter: pandoc --lua-filter simplify.lua converts Traditional to Simplified, by words, and leaves code as it is.
-- It asks `dsrun --serve`, so it works with any pandoc.  One process does all: the document's strings are collected, sent
-- as requests, and put back.
local DSRUN = os.getenv("DSRUN") or "dsrun"

-- A JSON string; other bytes than these need no escape.
local function quoted(s)
  return '"' .. s:gsub('[%c"\\]', function(c) return ("\\u%04x"):format(c:byte()) end) .. '"'
end

local ESCAPES = { n = "\n", t = "\t", r = "\r", b = "\b", f = "\f" }

-- The string behind "text": in an answer of dsrun, which escapes control characters, quotes and backslashes only.
local function text_of(answer)
  local body = answer:match('"text":"(.*)"}$') or error(answer)
  return (body:gsub("\\(u?)(.)(%x?%x?%x?)", function(u, c, rest)
    if u == "u" then return utf8.char(tonumber(c .. rest, 16)) end
    return (ESCAPES[c] or c) .. rest
  end))
end

local function convert(texts)
  local requests, answers = {}, {}
  for i, s in ipairs(texts) do requests[i] = '{"call":"simplify","text":' .. quoted(s) .. "}\n" end
  for line in pandoc.pipe(DSRUN, { "--serve" }, table.concat(requests)):gmatch("[^\n]+") do
    answers[#answers + 1] = text_of(line)
  end
  return answers
end

function Pandoc(doc)
  local texts = {}
  doc:walk { Str = function(s) texts[#texts + 1] = s.text end }
  local answers, i = convert(texts), 0
  return doc:walk { Str = function(s)
    i = i + 1
    s.text = answers[i]
    return s
  end }
end
