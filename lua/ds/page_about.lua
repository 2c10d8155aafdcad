-- page_about.lua: what an HTML page says of itself: what was measured, over what, by which command; what was left out.
local chart = require "ds.page_chart"
local esc = require("ds.page_text").escape
local limited = require "ds.limited"
local options = require "ds.options"
local order = require "ds.order"

local about = {}

-- Options of the host that a result depends on; workers, names of files and the like leave it as it is.
local RESULT <const> = { "where", "dedup", "from", "encoding", "fields", "user-dict", "seed", "timeout", "article-timeout", "memory" }

local function quoted(s)
  s = tostring(s)
  if s ~= "" and not s:find("[^%w%-_./=,:+@%%\x80-\xFF]") then return s end
  return "'" .. s:gsub("'", "'\\''") .. "'"
end

-- A default file may have been found anywhere.
local function is_default(o, v)
  if v == o.default then return true end
  return (o.type == "file" or o.type == "dir") and o.default ~= nil and tostring(v):sub(-#o.default - 1) == "/" .. o.default
end

local function add_option(words, o, v)
  if v == nil or v == false and not o.default or o.type == "output" or is_default(o, v) then return end
  if v == true then words[#words + 1] = "--" .. o[1]
  elseif v == false then words[#words + 1] = "--no-" .. o[1]
  else
    words[#words + 1] = "--" .. o[1]
    words[#words + 1] = quoted(v)
  end
end

--- The command line that makes the result: options that differ from their defaults, those that matter to it.
---@param run ds.Run
---@return string
function about.command(run)
  local words, values = { "dsrun", quoted(run.plugin.name) }, options.plain(run.plugin.options, run.values)
  for _, o in ipairs(run.plugin.options) do add_option(words, o, values[o[1]]) end
  for _, name in ipairs(RESULT) do
    for _, o in ipairs(options.host) do
      if o[1] == name then add_option(words, o, values[name]) end
    end
  end
  for _, word in ipairs(run.operands) do words[#words + 1] = quoted(word) end
  return table.concat(words, " ")
end

local function input_of(run, words)
  if #run.operands == 0 then
    if run.plugin.input == "none" then return nil end
    return words.t(run.plugin.input == "lines" and "standard input" or "the bundled corpus")
  end
  local list = {}
  for i, word in ipairs(run.operands) do list[i] = word == "-" and words.t "standard input" or "<code>" .. esc(word) .. "</code>" end
  return table.concat(list, " ")
end

local function dates(t, words)
  if not t.first then return nil end
  return t.first == t.last and esc(t.first) or ("%s %s %s"):format(esc(t.first), words.t "to", esc(t.last))
end

--- The line below the heading.
---@param run ds.Run
---@param t ds.Tally
---@param words ds.PageWords
---@return string html
function about.line(run, t, words)
  local parts = {}
  local function add(s) parts[#parts + 1] = s and "<span>" .. s .. "</span>" or nil end
  if run.plugin.input ~= "none" then
    add(chart.number(t.read) .. " " .. words.t(run.plugin.input == "lines" and "lines" or t.read == 1 and "article" or "articles"))
  end
  add(dates(t, words))
  add(input_of(run, words))
  add("ds " .. esc(run.ds.version))
  return '<p class="meta">' .. table.concat(parts) .. "</p>\n"
end

--- What a reader must know before any figure: a limit, input that was not read.
---@param t ds.Tally
---@param words ds.PageWords
---@return string html
function about.alerts(t, words)
  local out = {}
  if t.limits then
    local list = {}
    for _, e in ipairs(t.limits) do
      list[#list + 1] = ("<li><bdi>%s</bdi></li>"):format(esc((e.article or e.line and "line " .. e.line or "run") .. ": " .. e.limit))
      if #list == 20 then break end
    end
    out[1] = ('<div class="alert" role="note"><strong>%s</strong> %s.<ul>%s</ul></div>\n')
      :format(words.t "Partial result", esc(limited.summary(t)), table.concat(list))
  end
  if t.rejected > 0 then
    local list = {}
    for i, message in ipairs(t.named or {}) do list[i] = "<li><bdi>" .. esc(message) .. "</bdi></li>" end
    local more = t.rejected - #list
    if more > 0 then list[#list + 1] = ("<li>%d %s</li>"):format(more, words.t "more, not named here") end
    out[#out + 1] = ('<div class="alert" role="note"><strong>%s (%s).</strong> %s<ul>%s</ul></div>\n')
      :format(words.t "Some input was rejected", chart.number(t.rejected), words.t "It is not part of any figure here.", table.concat(list))
  end
  return table.concat(out)
end

local function sources_of(s, words)
  local list = {}
  if #s.ids == 0 then return nil end
  if not s.corpus then return words.t "No corpus was at hand: name it behind the plugin to get titles and passages." end
  local function add(n, what)
    if n > 0 then list[#list + 1] = ("%s %s"):format(chart.number(n), words.t(what)) end
  end
  add(s.n_whole or 0, "articles with their whole text")
  add(s.n_articles - (s.n_whole or 0), "articles with excerpts around each passage")
  if (s.n_whole or 0) == 0 then add(s.left, "places are not shown, so that the file stays small") end
  add(s.missing, "articles could not be read again; their passages are missing")
  if s.searched then list[#list + 1] = words.t "Examples are looked for in the first articles only:" .. " " .. chart.number(s.searched) end
  return table.concat(list, "; ")
end

--- The last part of the page.
---@param run ds.Run
---@param t ds.Tally
---@param sources ds.Sources
---@param words ds.PageWords
---@return string html
function about.section(run, t, sources, words)
  local out = {}
  local function fact(name, html)
    if html and html ~= "" then out[#out + 1] = ("<dt>%s</dt><dd>%s</dd>\n"):format(words.t(name), html) end
  end
  fact("What was measured", run.plugin.about and words.t(run.plugin.about))
  fact("Input", input_of(run, words))
  if run.plugin.input ~= "none" then
    fact(run.plugin.input == "lines" and "Lines read" or "Articles read", chart.number(t.read))
    local skipped = {}
    for i, reason in ipairs(order.keys(t.reasons)) do skipped[i] = ("%s: %s"):format(esc(reason), chart.number(t.reasons[reason])) end
    if t.skipped > 0 then fact("Skipped", ("%s (%s)"):format(chart.number(t.skipped), table.concat(skipped, "; "))) end
    fact("Rejected", chart.number(t.rejected))
    fact("Passed over", t.passed_over and esc(t.passed_over))
  end
  fact("Dates", dates(t, words))
  fact("Command", "<code>" .. esc(about.command(run)) .. "</code>")
  fact("Version", "ds " .. esc(run.ds.version))
  fact("Sources and passages", sources_of(sources, words))
  return ('<section id="about"><h2>%s</h2>\n<dl class="facts">\n%s</dl>\n<noscript><p>%s</p></noscript>\n</section>\n'):format(words.t "About this report",
    table.concat(out), words.t "With scripts off, tables show their first rows and cannot be sorted; the data formats of dsrun have all rows.")
end

return about
