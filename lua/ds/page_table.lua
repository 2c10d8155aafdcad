-- page_table.lua: the tables of an HTML page.  The first rows are in the page as they are seen; all rows, as far as there is
-- room, lie behind them as JSON, which the page's script sorts, filters and turns the pages of.
--
-- Data of a table: {columns, hidden, numbers, decimals, rows, links}: the cells of a row, then for each column of `links` the
-- passage that it leads to (a number, a list of numbers, or null).  hidden: columns behind those that are seen, for filters.
local c = require "ds.c.json"
local chart = require "ds.page_chart"
local output = require "ds.output"
local text = require "ds.page_text"
local esc = text.escape

local tables = {}

local ROOM <const> = 2 * 1024 * 1024 -- bytes of all rows together
local CELL <const> = 2000            -- bytes of text in a cell
local EXAMPLED <const> = 300         -- rows whose words are looked up
local SHORT <const> = 10             -- characters of a cell that is not broken into lines
local PAGE_MOST <const>, PAGE_LEAST <const> = 50, 10

---@class ds.PageTable
---@field block table
---@field anchor string
---@field columns string[] seen, then hidden
---@field seen integer
---@field rows table[] those that have room
---@field links integer[] columns, from 1, with a passage; one beyond the seen is a column of its own
local Table = {}
Table.__index = Table

-- ------------------------------------------------------------------ numbers

-- How a column of numbers is written: decimals, or nil for as many as each number needs (probabilities, large ranges).
local function decimals_of(rows, name)
  local largest, smallest, whole, below = 0, math.huge, true, false
  for _, row in ipairs(rows) do
    local v = row[name]
    if v ~= nil then
      if math.type(v) ~= "integer" then whole = false end
      local size = math.abs(v)
      largest, below = math.max(largest, size), below or v < 0
      if size > 0 then smallest = math.min(smallest, size) end
    end
  end
  if whole then return 0 end
  if largest >= 1e12 or largest < 0.01 or (largest <= 1 and not below and smallest < 0.0005) then return nil end
  return largest >= 1000 and 1 or largest >= 1 and 2 or 3
end

-- The number in JSON, as JavaScript writes it again.
local function token(v, decimals)
  if math.type(v) == "integer" and (decimals or 0) == 0 then return ("%d"):format(v) end
  if decimals then return (("%." .. decimals .. "f"):format(v):gsub("^%-([0.]+)$", "%1")) end
  if v == 0 then return "0" end
  local size = math.abs(v)
  if size >= 1e21 or size < 1e-6 then return (("%.2e"):format(v):gsub("e([+-])0+", "e%1"):gsub("%.?0*e", "e")) end
  if size >= 100 then return ("%.0f"):format(v) end
  return (("%." .. math.min(17, math.max(0, 2 - math.floor(math.log(size, 10)))) .. "f"):format(v):gsub("(%..-)0+$", "%1"):gsub("%.$", ""))
end

-- ------------------------------------------------------------------ cells

-- A list of plain values reads better without brackets.
local function flat(v)
  local parts = {}
  for i, item in ipairs(v) do
    if type(item) == "table" then return nil end
    parts[i] = tostring(item)
  end
  return #parts > 0 and table.concat(parts, "、") or nil
end

local function cell_text(v, words)
  local s = type(v) == "table" and flat(v) or output.cell(v)
  local cut, left = text.cut(s, CELL)
  if left then cut = ("%s… (+%d %s)"):format(cut, left, words.plain "more characters") end
  return cut
end

local function cell_json(self, v, name, words)
  if v == nil then return "null" end
  if self.numbers[name] then return token(v, self.decimals[name]) end
  return text.json(cell_text(v, words))
end

-- ------------------------------------------------------------------ which passage a row leads to

-- The columns that name an article, with the columns of the passage in it: doc, from, to; x, x_from, x_to.
local function targets(row_has, columns)
  local list = {}
  for _, name in ipairs { "doc", "id" } do
    if row_has[name] and #list == 0 then list[1] = { doc = name, from = "from", to = "to" } end
  end
  for _, name in ipairs(columns) do
    if row_has[name .. "_from"] and row_has[name .. "_to"] then
      list[#list + 1] = { doc = name, from = name .. "_from", to = name .. "_to" }
    end
  end
  return list
end

local function place_of(columns, seen, name)
  for i = 1, seen do
    if columns[i] == name then return i end
  end
  return seen + 1
end

local function fields_of(block)
  local has = {}
  if block.declared then
    for _, name in ipairs(block.declared.order) do has[name] = true end
  else
    for _, row in ipairs(block.rows) do
      for name in next, row do has[name] = true end
    end
  end
  return has
end

local function is_number_column(rows, name)
  local some = false
  for _, row in ipairs(rows) do
    local v = row[name]
    if v ~= nil and type(v) ~= "number" then return false end
    some = some or v ~= nil
  end
  return some
end

--- A table of the page.
---@param block table of kind "table"
---@param anchor string its id
---@return ds.PageTable
function tables.new(block, anchor)
  local self = setmetatable({ block = block, anchor = anchor, columns = table.move(block.columns, 1, #block.columns, 1, {}),
    seen = #block.columns, numbers = {}, decimals = {}, targets = {}, links = {}, rows = {}, json = {}, has = fields_of(block) }, Table)
  self.targets = targets(self.has, self.columns)
  return self
end

--- Whether rows have such a column.
function Table:has_column(name) return self.has[name] or false end

--- Keeps a column for filters, seen or not.
function Table:keep(name)
  for _, known in ipairs(self.columns) do
    if known == name then return end
  end
  self.columns[#self.columns + 1] = name
end

-- Writes rows as JSON until they take more than all tables may.
local function encode(self, words)
  for _, name in ipairs(self.columns) do
    self.numbers[name] = is_number_column(self.block.rows, name)
    self.decimals[name] = self.numbers[name] and decimals_of(self.block.rows, name) or nil
  end
  local bytes = 0
  self.sizes = {}
  for i, row in ipairs(self.block.rows) do
    local cells = {}
    for k, name in ipairs(self.columns) do cells[k] = cell_json(self, row[name], name, words) end
    self.json[i] = table.concat(cells, ",")
    bytes = bytes + #self.json[i] + 12
    self.sizes[i] = bytes
    if bytes > ROOM then break end
  end
  self.bytes = bytes
end

--- Shares the room among the tables: those that need little get it, the others the rest in equal parts.
---@param list ds.PageTable[]
---@param words ds.PageWords
function tables.share(list, words)
  local by_size, room = {}, ROOM
  for i, t in ipairs(list) do
    encode(t, words)
    by_size[i] = t
  end
  table.sort(by_size, function(a, b)
    if a.bytes ~= b.bytes then return a.bytes < b.bytes end
    return a.anchor < b.anchor
  end)
  for i, t in ipairs(by_size) do
    local mine, n = room // (#by_size - i + 1), #t.sizes
    while n > 0 and t.sizes[n] > mine do n = n - 1 end
    t.rows = table.move(t.block.rows, 1, n, 1, {})
    room = room - (t.sizes[n] or 0)
  end
end

--- Notes the passages that its rows lead to.
---@param sources ds.Sources
function Table:note(sources)
  local block = self.block
  for k, target in ipairs(self.targets) do
    self.links[k] = place_of(self.columns, self.seen, target.doc)
  end
  if block.find then self.links[#self.links + 1] = place_of(self.columns, self.seen, block.find) end
  for i, row in ipairs(self.rows) do
    local mine = {}
    for k, target in ipairs(self.targets) do
      local id = row[target.doc]
      mine[k] = type(id) == "string" and sources:add { doc = id, from = row[target.from], to = row[target.to],
        places = k == 1 and block.places or nil, row = row } or c.null
    end
    local word = block.find and row[block.find]
    if block.find then mine[#mine + 1] = type(word) == "string" and word ~= "" and i <= EXAMPLED and sources:examples(word) or c.null end
    self.mine = self.mine or {}
    self.mine[i] = mine
  end
end

-- ------------------------------------------------------------------ writing

local function link_of(mine, sources)
  if mine == nil or mine == c.null then return nil end
  if type(mine) == "table" then return #mine > 0 and mine or nil end
  return sources.articles[sources.passages[mine + 1].doc] and mine or nil
end

local function link_json(mine, sources)
  local link = link_of(mine, sources)
  return link == nil and "null" or type(link) == "table" and c.encode(c.array(link)) or tostring(link)
end

local function data(self, sources)
  local rows = {}
  for i in ipairs(self.rows) do
    local parts = { self.json[i] }
    for k in ipairs(self.links) do parts[#parts + 1] = link_json(self.mine[i][k], sources) end
    rows[i] = "[" .. table.concat(parts, ",") .. "]"
  end
  local numbers, decimals, heat, flush = {}, {}, {}, {}
  for k, name in ipairs(self.columns) do
    numbers[k], decimals[k], heat[k] = self.numbers[name] and 1 or 0, self.decimals[name] or -1, self.heat[name] or 0
    flush[k] = self.flush[name] and 1 or 0
  end
  local links = {}
  for k, at in ipairs(self.links) do links[k] = at - 1 end
  local columns = {}
  for k, name in ipairs(self.columns) do columns[k] = text.clean(name) end
  return ('{"columns":%s,"seen":%d,"numbers":%s,"decimals":%s,"heat":%s,"flush":%s,"links":%s,"titled":%d,"page":%d,"rows":[%s]}'):format(
    text.json(c.array(columns)), self.seen, c.encode(c.array(numbers)), c.encode(c.array(decimals)), c.encode(c.array(heat)), c.encode(c.array(flush)),
    c.encode(c.array(links)), self.titled - 1, self.page, table.concat(rows, ",\n"))
end

local function help_of(self, name)
  for _, column in ipairs(self.block.declared and self.block.declared.columns or {}) do
    if column.name == name then return column.help end
  end
end

local function head(self, words)
  local out = {}
  for i = 1, self.seen do
    local name = self.columns[i]
    local help = help_of(self, name)
    out[i] = ('<th scope="col" aria-sort="none"%s><button type="button"%s>%s</button></th>'):format(
      self.numbers[name] and ' class="n"' or self.flush[name] and ' class="r"' or "", help and (' title="%s"'):format(esc(name .. ": " .. help)) or "", words.column(name))
  end
  if self.extra then out[#out + 1] = '<th scope="col">' .. words.t "passage" .. "</th>" end
  return "<tr>" .. table.concat(out) .. "</tr>"
end

-- The headline of the article that a cell names by its id.
local function headline(self, k, link, sources)
  if k ~= self.titled or not link then return nil end
  local a = sources.articles[sources.passages[link + 1].doc]
  return a.title and a.title ~= "" and a.title or nil
end

local function cell_html(self, row, k, link, words, title)
  local name = self.columns[k]
  local v, inside = row[name], nil
  if title then inside = "<bdi>" .. esc(title) .. "</bdi>"
  elseif k > self.seen then inside = "↗"
  elseif v == nil then inside = ""
  elseif self.numbers[name] then inside = text.group(token(v, self.decimals[name]))
  else inside = esc(cell_text(v, words)) end
  if link then
    local first = type(link) == "table" and link[1] or link
    inside = ('<a href="#p%d" data-p="%s"%s>%s</a>'):format(first, type(link) == "table" and table.concat(link, " ") or link,
      k > self.seen and " " .. words.attribute("aria-label", "passage") or title and (' title="%s"'):format(esc(v)) or "", inside)
  end
  local heat = self.heat[name]
  local style = heat and type(v) == "number" and (' style="--v:%.1f%%"'):format(v / heat * 100) or ""
  local class = self.numbers[name] and (heat and type(v) == "number" and "n h" or "n") or self.flush[name] and "r"
    or type(v) == "string" and not title and (utf8.len(v) or 99) <= SHORT and "s" or nil
  return ("<td%s%s>%s</td>"):format(class and (' class="%s"'):format(class) or "", style, inside)
end

local function row_html(self, i, sources, words)
  local out, links = {}, {}
  for k, at in ipairs(self.links) do links[at] = links[at] or link_of(self.mine[i][k], sources) end
  for k = 1, self.seen + (self.extra and 1 or 0) do
    out[k] = k > self.seen and not links[k] and "<td></td>" or cell_html(self, self.rows[i], k, links[k], words,
      headline(self, k, links[k], sources))
  end
  return "<tr>" .. table.concat(out) .. "</tr>\n"
end

-- "rows 1–20 of 113": what is seen, and how many were found.
local function count_line(self, words)
  local n, b = #self.rows, self.block
  if b.found == 0 then return words.t "no rows" end
  local seen = math.min(self.page, n)
  local out = seen == n and ("%s %s"):format(chart.number(n), words.t(n == 1 and "row" or "rows"))
    or ("1–%s %s %s %s"):format(chart.number(seen), words.t "of", chart.number(n), words.t "rows")
  if n < b.found then
    out = ("%s; <strong>%s %s %s</strong>"):format(out, chart.number(b.found), words.t "found", b.option and
      words.t "found; the file would be too large with the others: -f tsv has all" or "")
  end
  return out
end

local function legend(self, words)
  local out = {}
  for i = 1, self.seen do
    local help = help_of(self, self.columns[i])
    if help then out[#out + 1] = ("<dt>%s</dt><dd>%s</dd>"):format(words.column(self.columns[i]), esc(help)) end
  end
  if #out == 0 then return "" end
  return ('<details class="legend"><summary>%s</summary><dl>%s</dl></details>\n'):format(words.t "Columns", table.concat(out))
end

local function measure_heat(self)
  self.heat, self.flush = {}, {}
  for _, name in ipairs(self.block.heat or {}) do
    local most = 0
    for _, row in ipairs(self.rows) do most = math.max(most, type(row[name]) == "number" and row[name] or 0) end
    if most > 0 then self.heat[name] = most end
  end
  for _, name in ipairs(self.block.right or {}) do self.flush[name] = true end
end

--- The table as HTML.
---@param sources ds.Sources
---@param words ds.PageWords
---@param put fun(...: string)
function Table:write(sources, words, put)
  measure_heat(self)
  self.page = math.max(PAGE_LEAST, math.min(PAGE_MOST, self.block.limit == math.huge and PAGE_MOST or math.tointeger(self.block.limit) or 20))
  self.extra, self.titled = false, self.targets[1] and self.links[1] <= self.seen and not self.has.title and self.links[1] or 0
  for _, at in ipairs(self.links) do self.extra = self.extra or at > self.seen end
  put(('<div class="table" data-table="%s" data-found="%d" data-rows="%d" data-page="%d">\n<div class="tools">')
    :format(self.anchor, self.block.found, #self.rows, self.page))
  if #self.rows > 1 then
    put('<input type="search" class="filter" ', words.attribute("aria-label placeholder", "Filter rows"), ">")
  end
  put('<span class="chips"></span><span class="count" role="status">', count_line(self, words), "</span></div>\n")
  if #self.rows > 0 then
    put('<div class="scroll"><table class="data">\n<thead>', head(self, words), "</thead>\n<tbody>\n")
    for i = 1, math.min(self.page, #self.rows) do put(row_html(self, i, sources, words)) end
    put("</tbody></table></div>\n", '<div class="pager"></div>\n', legend(self, words))
    put('<script type="application/json" id="', self.anchor, '-data">', data(self, sources), "</script>\n")
  end
  put("</div>\n")
end

return tables
