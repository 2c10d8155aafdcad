-- page_chart.lua: the pictures of an HTML page as inline SVG: bars, series, scatter plots, networks.
--
-- Colours are classes of the style sheet, so that light, dark and print each have their own; groups differ in shape or
-- place, too, not in colour alone.  Every mark has its value as a title, and leads to its rows when the block has a link.
local page_text = require "ds.page_text"
local cut, esc = page_text.cut, page_text.escape
local width = require("ds.c.utf8").width

local chart = {}

local WIDTH <const> = 720
local LEFT <const>, RIGHT <const> = 58, 14
local GLYPH <const> = 12 -- pixels of a full-width character of a label
local KEY <const> = 2000 -- bytes of a key that a cell can hold
local LABELS <const> = 40 -- points of a scatter plot that are labelled when there is room
local FEW <const> = 120   -- points of a series that are drawn as dots

-- ------------------------------------------------------------------ pieces

--- A number as people read it: groups of three, as few decimals as tell something.
---@param x number
---@return string
function chart.number(x)
  local s
  if math.type(x) == "integer" or (x == math.floor(x) and math.abs(x) < 1e15) then s = ("%.0f"):format(x)
  else
    local size = math.abs(x)
    s = (size >= 1000 and "%.0f" or size >= 1 and "%.2f" or size >= 0.001 and "%.3f" or "%.2g"):format(x)
  end
  return page_text.group(s)
end

local number = chart.number

local LABEL <const> = 150 -- bytes of a label

-- A label, not longer than a picture can hold; its rows have all of it.
local function short(s)
  local kept, left = cut(tostring(s), LABEL)
  return left and kept .. "…" or kept
end

-- A number on an axis, with the decimals that the step between two of them needs.
local function tick(x, step)
  local decimals = math.max(0, math.ceil(-math.log(step, 10) - 1e-9))
  return decimals == 0 and number(x) or ("%." .. decimals .. "f"):format(x)
end

--- A step of 1, 2 or 5 times a power of ten, such that about `n` of them reach from 0 to `most`.
local function step_of(most, n)
  local raw = most / n
  local power = 10.0 ^ math.floor(math.log(raw, 10) + 1e-9)
  for _, k in ipairs { 1, 2, 5, 10 } do
    if k * power >= raw * (1 - 1e-9) then return k * power end
  end
end

-- An element that leads to the rows behind a figure, or only holds it.
local function linked(link, key, inside, few)
  if not link or #tostring(key) > KEY then return inside end
  return ('<a href="#%s" data-rows="%s"%s>%s</a>'):format(link.anchor, esc(link.data(key)), few and "" or ' tabindex="-1"', inside)
end

local function frame(height, label, inside)
  return ('<div class="scroll"><svg class="plot" viewBox="0 0 %d %d" role="group" aria-label="%s">%s</svg></div>\n')
    :format(WIDTH, height, esc(label), inside)
end

local function text(x, y, s, class, anchor)
  return ('<text x="%.1f" y="%.1f" class="%s"%s>%s</text>'):format(x, y, class, anchor and (' text-anchor="%s"'):format(anchor) or "", esc(s))
end

local function title(s) return "<title>" .. esc(s) .. "</title>" end

-- ------------------------------------------------------------------ bars

local TONES <const> = { good = "good", bad = "bad", neutral = "neutral", plain = "plain" }

--- Bars in a table of label, bar and value, which read well at any width and without a picture.
---@param b table block
---@param link table?
---@param words ds.PageWords
---@return string html
function chart.bars(b, link, words)
  local most, out = 0, {}
  for _, item in ipairs(b.items) do most = math.max(most, item[2]) end
  for i, item in ipairs(b.items) do
    local label, key = short(item[1]), item[3] == nil and item[1] or item[3]
    local share = most > 0 and item[2] / most or 0
    local bar = ('<svg class="bar %s" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect width="%.2f" height="10"%s/></svg>')
      :format(TONES[item.tone] or "plain", item[2] > 0 and math.max(share * 100, 0.4) or 0,
        b.heat and (' fill-opacity="%.2f"'):format(0.35 + 0.65 * share) or "")
    out[i] = ('<tr><th scope="row"%s>%s</th><td class="b">%s</td><td class="n">%s</td></tr>\n')
      :format(width(label) > 22 and ' class="long"' or "", linked(link, key, item[3] ~= nil and words.t(label) or "<bdi>" .. esc(label) .. "</bdi>", true), bar, number(item[2]))
  end
  return '<table class="bars"><tbody>\n' .. table.concat(out) .. "</tbody></table>\n"
end

-- ------------------------------------------------------------------ series

local function summary(b, words)
  local low, high, gaps
  gaps = 0
  for _, p in ipairs(b.points) do
    if not p[2] then gaps = gaps + 1
    else
      if not low or p[2] < low[2] then low = p end
      if not high or p[2] > high[2] then high = p end
    end
  end
  local parts = { ("%s %s %s %s"):format(words.plain "from", short(b.points[1][1]), words.plain "to", short(b.points[#b.points][1])) }
  if low then
    parts[2] = ("%s %s %s %s"):format(words.plain "lowest", number(low[2]), words.plain "at", short(low[1]))
    parts[3] = ("%s %s %s %s"):format(words.plain "highest", number(high[2]), words.plain "at", short(high[1]))
  end
  if gaps > 0 then parts[#parts + 1] = ("%d %s"):format(gaps, words.plain "periods without data, shown as gaps") end
  return table.concat(parts, "; ")
end

local function grid_of_series(out, b, most, height, top)
  local step = step_of(most, 4)
  local high = math.max(step, math.ceil(most / step - 1e-9) * step)
  for k = 0, math.floor(high / step + 0.5) do
    local y = height - k * step / high * (height - top)
    out[#out + 1] = ('<line class="grid" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/>'):format(LEFT, WIDTH - RIGHT, y, y)
    out[#out + 1] = text(LEFT - 6, y + 4, tick(k * step, step), "tick", "end")
  end
  if b.unit then out[#out + 1] = text(4, 12, b.unit, "unit") end
  return high
end

-- The lines between neighbours, broken where there is no value; a value alone is a dot anyway.
local function path_of(b, x, y)
  local parts, on = {}, false
  for i, p in ipairs(b.points) do
    if p[2] then parts[#parts + 1] = ("%s%.1f %.1f"):format(on and "L" or "M", x(i), y(p[2])) end
    on = p[2] and true or false
  end
  return table.concat(parts)
end

--- A series as a line, with gaps where there are no data, a scale from 0, and its periods below.
---@param b table block
---@param link table?
---@param words ds.PageWords
---@return string html
function chart.series(b, link, words)
  local n, most, out = #b.points, b.most or 0, {}
  for _, p in ipairs(b.points) do most = math.max(most, p[2] or 0) end
  if n == 0 or most == 0 then return '<p class="quiet">' .. words.t "nothing to draw" .. "</p>\n" end
  local height, top = 170, 22
  local high = grid_of_series(out, b, most, height, top)
  local room = (WIDTH - LEFT - RIGHT) / n
  local function x(i) return LEFT + (i - 0.5) * room end
  local function y(v) return height - v / high * (height - top) end
  for i, p in ipairs(b.points) do
    if not p[2] then
      out[#out + 1] = ('<rect class="gap" x="%.1f" y="%d" width="%.1f" height="%d">%s</rect>')
        :format(x(i) - room / 2, top, room, height - top, title(("%s: %s"):format(short(p[1]), words.plain "no data")))
    end
  end
  out[#out + 1] = ('<path class="line" d="%s"/>'):format(path_of(b, x, y))
  for i, p in ipairs(b.points) do
    if p[2] then
      local said = title(("%s: %s"):format(short(p[1]), number(p[2])))
      out[#out + 1] = linked(link, p[1], ('<rect class="hit" x="%.1f" y="%d" width="%.1f" height="%d">%s</rect>%s')
        :format(x(i) - room / 2, top, room, height - top, said,
          n <= FEW and ('<circle class="dot" cx="%.1f" cy="%.1f" r="3"/>'):format(x(i), y(p[2])) or ""), n <= 40)
    end
  end
  local each = math.max(1, math.ceil(n * 76 / (WIDTH - LEFT - RIGHT)))
  for i = 1, n, each do
    if i == 1 or i + each <= n or n - i >= each // 2 or each == 1 then
      out[#out + 1] = text(x(i), height + 18, short(b.points[i][1]), "tick", "middle")
    end
  end
  return frame(height + 26, (b.title and b.title .. ": " or "") .. summary(b, words), table.concat(out))
    .. '<p class="quiet">' .. esc(summary(b, words)) .. "</p>\n"
end

-- ------------------------------------------------------------------ scatter

-- A scale: from values to pixels, and its ticks.
local function scale(values, log, from, to)
  local low, high = math.huge, -math.huge
  for _, v in ipairs(values) do
    v = log and math.log(v, 10) or v
    low, high = math.min(low, v), math.max(high, v)
  end
  if not log then low = math.min(low, 0) end
  local span = math.max(high - low, 1e-9)
  low, high = low - (log and span * 0.04 or (low < 0 and span * 0.04 or 0)), high + span * 0.06
  local ticks, step = {}, nil
  if log then
    for k = math.floor(low), math.floor(high) do
      for _, factor in ipairs(high - low < 2.5 and { 1, 2, 5 } or { 1 }) do
        local v = factor * 10.0 ^ k
        if math.log(v, 10) >= low and math.log(v, 10) <= high then ticks[#ticks + 1] = v end
      end
    end
  else
    step = step_of(high - low, 5)
    for k = math.ceil(low / step), math.floor(high / step) do ticks[#ticks + 1] = k * step end
  end
  return function(v) return from + ((log and math.log(v, 10) or v) - low) / (high - low) * (to - from) end, ticks, low, high, step
end

local function groups_of(points)
  local list, at = {}, {}
  for _, p in ipairs(points) do
    local name = p.group or ""
    if not at[name] then list[#list + 1], at[name] = name, #list + 1 end
  end
  table.sort(list)
  for i, name in ipairs(list) do at[name] = i end
  return list, at
end

local SHAPES <const> = {
  '<circle class="g1" cx="%.1f" cy="%.1f" r="4">', '<path class="g2" d="M%.1f %.1fm0 -5.5l5 5.5l-5 5.5l-5 -5.5z">',
  '<path class="g3" d="M%.1f %.1fm0 -5l5 9l-10 0z">',
}
local NAMES <const> = { "circle", "path", "path" }

local function shape(group, x, y, inside)
  local k = (group - 1) % #SHAPES + 1
  return SHAPES[k]:format(x, y) .. inside .. "</" .. NAMES[k] .. ">"
end

-- Labels for the first points, where none covers another.
local function labels(points, x, y, out)
  local boxes = {}
  for i = 1, math.min(#points, LABELS) do
    local p = points[i]
    local w = math.min(width(short(p[1])), 24) * GLYPH / 2
    local right = x(p[2]) + 7 + w < WIDTH - RIGHT
    local box = { right and x(p[2]) + 6 or x(p[2]) - 6 - w, y(p[3]) - 7, w, 14 }
    local free = true
    for _, other in ipairs(boxes) do
      free = free and (box[1] > other[1] + other[3] or other[1] > box[1] + box[3] or box[2] > other[2] + other[4]
        or other[2] > box[2] + box[4])
    end
    if free then
      boxes[#boxes + 1] = box
      out[#out + 1] = text(box[1], y(p[3]) + 4, short(p[1]), "label")
    end
  end
end

local function legend(groups, words)
  if #groups < 2 then return "" end
  local out = {}
  for i, name in ipairs(groups) do
    out[i] = ('<li><svg viewBox="0 0 14 14" aria-hidden="true">%s</svg><bdi>%s</bdi></li>'):format(shape(i, 7, 7, ""), words.t(short(name)))
  end
  return '<ul class="legend">' .. table.concat(out) .. "</ul>\n"
end

--- Points in a plane.
---@param b table block
---@param link table?
---@param words ds.PageWords
---@return string html
function chart.scatter(b, link, words)
  if #b.points == 0 then return '<p class="quiet">' .. words.t "nothing to draw" .. "</p>\n" end
  local height, top, xs, ys, out = 400, 22, {}, {}, {}
  for i, p in ipairs(b.points) do xs[i], ys[i] = p[2], p[3] end
  local x, x_ticks, x_low, x_high, x_step = scale(xs, b.log, LEFT, WIDTH - RIGHT)
  local y, y_ticks, y_low, y_high, y_step = scale(ys, b.log, height, top)
  for _, v in ipairs(x_ticks) do
    out[#out + 1] = ('<line class="grid" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>'):format(x(v), x(v), top, height)
    out[#out + 1] = text(x(v), height + 17, x_step and tick(v, x_step) or number(v), "tick", "middle")
  end
  for _, v in ipairs(y_ticks) do
    out[#out + 1] = ('<line class="grid" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/>'):format(LEFT, WIDTH - RIGHT, y(v), y(v))
    out[#out + 1] = text(LEFT - 6, y(v) + 4, y_step and tick(v, y_step) or number(v), "tick", "end")
  end
  if b.diagonal and math.max(x_low, y_low) < math.min(x_high, y_high) then
    local from, to = math.max(x_low, y_low), math.min(x_high, y_high)
    if b.log then from, to = 10.0 ^ from, 10.0 ^ to end
    out[#out + 1] = ('<line class="diagonal" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>'):format(x(from), y(from), x(to), y(to))
  end
  local groups, at = groups_of(b.points)
  for i = #b.points, 1, -1 do -- the first on top
    local p = b.points[i]
    local said = title(("%s: %s %s, %s %s"):format(short(p[1]), words.plain(b.x), number(p[2]), words.plain(b.y), number(p[3])))
    out[#out + 1] = linked(link, p[1], shape(at[p.group or ""], x(p[2]), y(p[3]), said), i <= LABELS)
  end
  labels(b.points, x, y, out)
  out[#out + 1] = text(4, 12, words.plain(b.y), "unit")
  out[#out + 1] = text(WIDTH - RIGHT, height + 34, words.plain(b.x), "unit", "end")
  local said = ("%s%d %s; x: %s, y: %s"):format(b.title and b.title .. ": " or "", #b.points, words.plain "points", words.plain(b.x), words.plain(b.y))
  return legend(groups, words) .. frame(height + 42, said, table.concat(out))
end

-- ------------------------------------------------------------------ network

--- Nodes and edges, placed by forces.
---@param b table block
---@param link table?
---@param words ds.PageWords
---@return string html
function chart.network(b, link, words)
  local graph, out, heavy, thick = b.graph, {}, 0, 0
  if #graph.nodes == 0 then return '<p class="quiet">' .. words.t "nothing to draw" .. "</p>\n" end
  local size = #graph.nodes > 30 and 640 or 480
  local at, place = graph:places(), {}
  for i, n in ipairs(graph.nodes) do
    heavy, place[n.id] = math.max(heavy, n.weight), { x = at[i].x * WIDTH, y = at[i].y * size }
  end
  for _, e in ipairs(graph.edges) do thick = math.max(thick, e.weight) end
  for _, e in ipairs(graph.edges) do
    local p, q = place[e.source], place[e.target]
    out[#out + 1] = ('<line class="edge" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke-width="%.1f">%s</line>')
      :format(p.x, p.y, q.x, q.y, 1 + 6 * e.weight / thick, title(("%s – %s: %s"):format(short(e.source), short(e.target), number(e.weight))))
  end
  for _, n in ipairs(graph.nodes) do
    local p, r = place[n.id], 4 + 12 * math.sqrt(n.weight / heavy)
    out[#out + 1] = linked(link, n.id, ('<circle class="node" cx="%.1f" cy="%.1f" r="%.1f">%s</circle>')
      :format(p.x, p.y, r, title(("%s: %s"):format(short(n.label or n.id), number(n.weight)))), true)
  end
  for _, n in ipairs(graph.nodes) do
    local p, r = place[n.id], 4 + 12 * math.sqrt(n.weight / heavy)
    out[#out + 1] = text(p.x, p.y - r - 4, short(n.label or n.id), "label", "middle")
  end
  local said = ("%s%d %s, %d %s"):format(b.title and b.title .. ": " or "", #graph.nodes, words.plain "nodes", #graph.edges, words.plain "edges")
  return frame(size, said, table.concat(out)) .. ('<p class="quiet">%d %s %d %s, %d %s %d %s</p>\n'):format(#graph.nodes,
    words.t "of", b.found, words.t "nodes", #graph.edges, words.t "of", b.found_edges, words.t "edges")
end

return chart
