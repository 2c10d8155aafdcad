-- report_text.lua: a report as text for a terminal or a file: tables aligned by display width, bars and columns of
-- block characters, passages with the part that matters in colour, or between 【 and 】 where there is none.
local output = require "ds.output"
local utf8c = require "ds.c.utf8"

local text = {}

local CELL <const> = 40 -- columns of a cell in a table wider than the page; longer ones end in …
local ID_CELL <const> = 24 -- columns that an id keeps at least when the page is still too narrow
local IDS = { id = true, doc = true } -- columns whose cells tell more at their end
local EIGHTHS = { "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█" }
local LEVELS = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" }

-- ------------------------------------------------------------------ pieces

local function number(value)
  if math.type(value) == "integer" then return tostring(value) end
  if math.abs(value) >= 1e15 then return ("%.6g"):format(value) end
  local s = ("%.2f"):format(value)
  return s
end

local function cell(value)
  if type(value) == "number" then return number(value) end
  return (output.cell(value):gsub("%s+", " "))
end

local function cut(s, columns)
  if utf8c.width(s) <= columns then return s end
  local kept, width = {}, 0
  for _, cp in utf8.codes(s) do
    local ch = utf8.char(cp)
    width = width + utf8c.width(ch)
    if width > columns - 1 then break end
    kept[#kept + 1] = ch
  end
  return table.concat(kept) .. "…"
end

-- The end of s, after "…".
local function cut_left(s, columns)
  local chars, width, from = {}, utf8c.width(s), 1
  if width <= columns then return s end
  for _, cp in utf8.codes(s) do chars[#chars + 1] = utf8.char(cp) end
  while width > columns - 1 do
    width = width - utf8c.width(chars[from])
    from = from + 1
  end
  return "…" .. table.concat(chars, "", from)
end

local function pad(s, columns, right)
  local space = (" "):rep(columns - utf8c.width(s))
  return right and space .. s or s .. space
end

local Page = {}
Page.__index = Page

function Page:line(...) self.lines[#self.lines + 1] = table.concat { ... } end

function Page:bold(s) return self.colour and "\27[1m" .. s .. "\27[0m" or s end

function Page:mark(s) return self.colour and "\27[1;31m" .. s .. "\27[0m" or "【" .. s .. "】" end

function Page:title(s)
  if s then self:line(self:bold(s)) end
end

-- "20 of 113 shown": nothing is cut silently.  `more` says how to get the rest, `none` what stands for nothing.
function Page:found(shown, found, what, none, more)
  if found == 0 then self:line("  (", none, ")")
  elseif shown < found then self:line(("  (%d of %d %s shown%s)"):format(shown, found, what, more or "")) end
end

-- ------------------------------------------------------------------ blocks

local render = {}

function render.heading(page, b)
  page:line(page:bold(b.text))
  page:line(("="):rep(utf8c.width(b.text)))
end

-- Pictures of two dimensions, which a page of text has none of.
local function not_drawn(page, b, what)
  page:title(b.title)
  page:line("  (", what, ": -f html draws them)")
end

function render.scatter(page, b) not_drawn(page, b, ("%d points, %s against %s"):format(#b.points, b.y, b.x)) end

function render.network(page, b)
  not_drawn(page, b, ("%d nodes, %d edges"):format(#b.graph.nodes, #b.graph.edges))
end

-- Punctuation that no line begins with.
local HANGS = {}
for _, cp in utf8.codes("，。、；：！？）」』”’》〉】…—,.;:!?)%") do HANGS[utf8.char(cp)] = true end

-- Breaks a text to the page's width: between words, and between any two characters of full width.
local function wrap(s, width)
  local lines, line, used, at = {}, {}, 0, 1
  local function flush()
    lines[#lines + 1] = (table.concat(line):gsub("%s+$", ""))
    line, used = {}, 0
  end
  while at <= #s do
    local word = s:match("^[\33-\126]+", at) or s:match("^" .. utf8.charpattern, at)
    local w = utf8c.width(word)
    if used > 0 and used + w > width and not HANGS[word] then flush() end
    if used > 0 or not word:find("^%s") then line[#line + 1], used = word, used + w end
    at = at + #word
  end
  if used > 0 then flush() end
  return lines
end

function render.note(page, b)
  for paragraph in (output.cell(b.text) .. "\n"):gmatch("([^\n]*)\n") do
    local lines = wrap(paragraph, page.width)
    for _, l in ipairs(lines) do page:line(l) end
    if #lines == 0 then page:line() end
  end
end

-- The sentence that says the same, or a line each.
function render.figures(page, b)
  if b.text then return render.note(page, b) end
  local width = 0
  for _, item in ipairs(b.items) do width = math.max(width, utf8c.width(cell(item[1]))) end
  for _, item in ipairs(b.items) do page:line("  ", pad(cell(item[1]), width, true), "  ", cell(item[2])) end
end

local function cells_of(b)
  local grid, right, flush = { {} }, {}, {}
  for _, name in ipairs(b.right or {}) do flush[name] = true end
  for i, name in ipairs(b.columns) do
    grid[1][i] = name
    right[i] = #b.rows > 0
  end
  for r, row in ipairs(b.rows) do
    grid[r + 1] = {}
    for i, name in ipairs(b.columns) do
      grid[r + 1][i] = cell(row[name])
      if row[name] ~= nil and type(row[name]) ~= "number" then right[i] = flush[name] end
    end
  end
  return grid, right, flush
end

local function widths_of(grid)
  local widths = {}
  for _, cells in ipairs(grid) do
    for i, s in ipairs(cells) do widths[i] = math.max(widths[i] or 0, utf8c.width(s)) end
  end
  return widths
end

-- Columns that a table needs beyond `width`; its last column may run on, and counts as short.
local function excess(widths, width)
  local total = -2
  for i, w in ipairs(widths) do total = total + 2 + (i == #widths and math.min(w, CELL // 2) or w) end
  return total - width
end

-- Cuts long cells, those of the last column excepted, when the table does not fit the page; then ids, by as much as
-- is needed.
local function fit(grid, width, flush)
  local widths, cut_some = widths_of(grid), false
  local function cut_column(i, columns, how)
    for _, cells in ipairs(grid) do
      if utf8c.width(cells[i]) > columns then cells[i], cut_some = how(cells[i], columns), true end
    end
  end
  if excess(widths, width) <= 0 then return widths, false end
  for i = 1, #grid[1] - 1 do
    if not IDS[grid[1][i]] then cut_column(i, CELL, flush[grid[1][i]] and cut_left or cut) end
  end
  for i = 1, #grid[1] - 1 do
    local over = excess(widths_of(grid), width)
    if IDS[grid[1][i]] and over > 0 then cut_column(i, math.max(ID_CELL, widths[i] - over), cut_left) end
  end
  return widths_of(grid), cut_some
end

function render.table(page, b)
  local grid, right, flush = cells_of(b)
  local widths, cut_some = fit(grid, page.width, flush)
  page:title(b.title)
  for r, cells in ipairs(grid) do
    local parts = {}
    for i, s in ipairs(cells) do parts[i] = pad(s, widths[i], right[i]) end
    local line = table.concat(parts, "  "):gsub("%s+$", "")
    page:line(r == 1 and page:bold(line) or line)
    if r == 1 then page:line(("-"):rep(math.min(page.width, utf8c.width(line)))) end
  end
  page:found(#b.rows, b.found, "rows", "no rows", b.option and ("; -f tsv%s has all"):format(b.option))
  if cut_some then page:line("  (… stands for what did not fit; -f tsv or jsonl has it)") end
end

local function bar(value, most, width)
  local eighths = most > 0 and math.floor(value / most * width * 8 + 0.5) or 0
  if eighths == 0 and value > 0 then eighths = 1 end
  return ("█"):rep(eighths // 8) .. (eighths % 8 > 0 and EIGHTHS[eighths % 8] or "")
end

function render.bars(page, b)
  local most, label_width, value_width = 0, 0, 0
  for _, item in ipairs(b.items) do
    most = math.max(most, item[2])
    label_width = math.max(label_width, math.min(CELL, utf8c.width(cell(item[1]))))
    value_width = math.max(value_width, #number(item[2]))
  end
  local width = b.width or math.max(10, math.min(50, page.width - label_width - value_width - 4))
  page:title(b.title)
  for _, item in ipairs(b.items) do
    page:line((("  %s  %s %s"):format(pad(cut(cell(item[1]), CELL), label_width),
      pad(number(item[2]), value_width, true), bar(item[2], most, width)):gsub("%s+$", "")))
  end
  page:found(#b.items, b.found, "bars", "nothing to draw")
end

-- One line of the picture: the part of each column that lies between `row` and `row + 1` lines; a point for a gap.
local function level_line(points, most, height, row, step)
  local parts = {}
  for i, p in ipairs(points) do
    local y = p[2] or 0
    local eighths = math.floor(y / most * height * 8 + 0.5) - row * 8
    if row == 0 and y > 0 then eighths = math.max(eighths, 1) end
    parts[i] = not p[2] and (row == 0 and "·" or " "):rep(step) or eighths <= 0 and (" "):rep(step) or LEVELS[math.min(eighths, 8)]:rep(step)
  end
  return table.concat(parts)
end

function render.series(page, b)
  local most = 0
  for _, p in ipairs(b.points) do most = math.max(most, p[2] or 0) end
  page:title(b.title)
  if #b.points == 0 or most == 0 then return page:line("  (nothing to draw)") end
  local height, top = b.height or 6, number(most)
  local step = math.max(1, math.min(4, (page.width - #top - 4) // #b.points))
  for row = height - 1, 0, -1 do
    local axis = row == height - 1 and top or row == 0 and "0" or ""
    local columns = level_line(b.points, most, height, row, step)
    page:line((("  %s │%s"):format(pad(axis, #top, true), columns):gsub("%s+$", "")))
  end
  local from, to = cell(b.points[1][1]), cell(b.points[#b.points][1])
  local gap = math.max(1, #b.points * step - utf8c.width(from) - utf8c.width(to))
  page:line((" "):rep(#top + 4), from, #b.points > 1 and (" "):rep(gap) .. to or "")
end

-- The passage with its marks, which are positions in the article as item.from is.
local function highlight(page, item)
  local p = item.passage
  if not p then return item.text and cell(item.text) or nil end
  local marks = item.marks and { table.unpack(item.marks) } or { item }
  table.sort(marks, function(a, b) return a.from < b.from end)
  local parts, at = {}, 1
  for _, m in ipairs(marks) do
    local from, to = m.from - p.from + 1, math.min(m.to - p.from + 1, #p.text)
    if from >= at and to >= from then
      parts[#parts + 1] = p.text:sub(at, from - 1)
      parts[#parts + 1] = page:mark(p.text:sub(from, to))
      at = to + 1
    end
  end
  parts[#parts + 1] = p.text:sub(at)
  return (output.cell(table.concat(parts)):gsub("%s*\n%s*", " "))
end

function render.evidence(page, b)
  page:title(b.title)
  for _, item in ipairs(b.items) do
    local place = item.from and ("%s:%d-%d"):format(item.doc, item.from, item.to) or item.doc
    page:line("  ", place, item.note and "  " .. cell(item.note) or "")
    local passage = highlight(page, item)
    if passage then page:line("    ", passage) end
  end
  page:found(#b.items, b.found, "passages", "none")
end

--- Renders the blocks of a report, an empty line between two.
---@param blocks table[]
---@param width integer columns of the page
---@param colour boolean
---@return string
function text.render(blocks, width, colour)
  local page = setmetatable({ lines = {}, width = width, colour = colour }, Page)
  for i, b in ipairs(blocks) do
    if i > 1 then page:line() end
    render[b.kind](page, b)
  end
  return #page.lines > 0 and table.concat(page.lines, "\n") .. "\n" or ""
end

return text
