-- headlines.lua: what an article says about itself in its first lines: 標題, 來源, 文, 编辑, 日期 ….
--
-- Only the first ZONE_LINES lines are looked at, and only up to the second one that reads like body text.  A head
-- line is made of fields LABEL SEPARATOR VALUE (來源：…, 文 | …, 【日期】…), one or several, or is a date alone, or a
-- byline without a separator (本报记者 …).  Whatever does not fit as a whole is left in the text.
-- A line 專題：… names the dossier that the article was filed under; it becomes meta.topic and stays in the text.

local date = require "ds.date"
local utf8c = require "ds.c.utf8"

local M = {}

M.ZONE_LINES = 12
M.TITLE_MAX = 60 -- characters
local BODY_LINES, LINE_MAX, VALUE_MAX, NAME_MAX = 2, 120, 60, 30

-- Label -> field, both scripts.  Of two that begin alike the longer is tried first.
local LABELS = {
  title = "标题 標題 题目 題目",
  source = "来源 來源 稿源 媒体 媒體 出处 出處 转自 轉自 文章来源 文章來源 本文来源 本文來源 新闻来源 新聞來源",
  author = "作者 文 撰文 撰稿 采写 採寫 记者 記者 本报记者 本報記者 文字",
  editor = "编辑 編輯 责编 責編 责任编辑 責任編輯 主编 主編",
  date = "日期 时间 時間 发稿时间 發稿時間 发布时间 發布時間 發佈時間 发布日期 發布日期 發佈日期 发表时间 發表時間",
  topic = "专题 專題",
  translator = "译者 譯者 翻译 翻譯 编译 編譯",
  photo = "摄影 攝影 题图 題圖 图片来源 圖片來源 图 圖",
  publisher = "发布 發布 發佈 出品 首发 首發",
  column = "栏目 欄目 专栏 專欄",
  reviewer = "审核 審核 校对 校對",
}
local SEPARATORS = { ":", "：", "|", "｜", "丨", "/", "／" }
local SPACES = { " ", "\t", "　", "\u{A0}" }
local NAMES = { author = true, editor = true, translator = true, photo = true, reviewer = true }

-- The labels by their first character, whose bytes are HEAD.
local HEAD <const> = 3
local labels = {}
for field, list in pairs(LABELS) do
  for label in list:gmatch("%S+") do
    local head = label:sub(1, HEAD)
    labels[head] = labels[head] or {}
    table.insert(labels[head], { label = label, field = field })
  end
end
for _, list in pairs(labels) do
  table.sort(list, function(a, b)
    if #a.label ~= #b.label then return #a.label > #b.label end
    return a.label < b.label
  end)
end

-- Characters behind which a label of one character counts.
local SPACING = {}
for _, list in ipairs { SPACES, SEPARATORS } do
  for _, x in ipairs(list) do SPACING[x] = true end
end

local function starts(s, at, prefix) return s:sub(at, at + #prefix - 1) == prefix end

-- The end of the first of `list` that stands at `at`, or nil.
local function match_any(s, at, list)
  for _, x in ipairs(list) do
    if starts(s, at, x) then return at + #x end
  end
end

local SPACE_BYTES = {}
for _, x in ipairs(SPACES) do SPACE_BYTES[x:byte()] = true end

local function skip_spaces(s, at)
  if not SPACE_BYTES[s:byte(at)] then return at end
  local next_at = match_any(s, at, SPACES)
  while next_at do
    at = next_at
    next_at = match_any(s, at, SPACES)
  end
  return at
end

local function trim(s)
  local from, again = skip_spaces(s, 1), true
  s = s:sub(from)
  while again do
    again = false
    for _, list in ipairs { SPACES, { "|", "｜", "丨", "/", "／" } } do
      for _, x in ipairs(list) do
        if #s > 0 and s:sub(-#x) == x then s, again = s:sub(1, -#x - 1), true end
      end
    end
  end
  return s
end

local NONE = {}

-- A label with its separator at `at`: the field, the label and where its value starts.
local function match_label(s, at)
  local open = starts(s, at, "【") and #"【" or 0
  for _, l in ipairs(labels[s:sub(at + open, at + open + HEAD - 1)] or NONE) do
    if starts(s, at + open, l.label) then
      local after = at + open + #l.label
      if open > 0 and starts(s, after, "】") then
        after = skip_spaces(s, after + #"】")
        return l.field, l.label, skip_spaces(s, match_any(s, after, { ":", "：" }) or after)
      end
      local value = open == 0 and match_any(s, skip_spaces(s, after), SEPARATORS)
      if value then return l.field, l.label, skip_spaces(s, value) end
    end
  end
end

-- Where the next field after `at` starts.  A label of one character counts only behind a space.
local function next_field(s, at)
  local spaced = false
  for p, char in s:gmatch("()(" .. utf8.charpattern .. ")") do
    if p > at and #char == HEAD and (labels[char] or char == "【") then
      local field, label = match_label(s, p)
      if field and (utf8.len(label) > 1 or spaced) then return p end
    end
    spaced = SPACING[char]
  end
  return #s + 1
end

local SENTENCE_MARKS = { "。", "！", "？", "；", "!", "?" }
local PAUSES = { "。", "！", "？", "；", "!", "?", "，", "、", "：", ":" }
local function has_mark(s, marks)
  for _, mark in ipairs(marks) do
    if s:find(mark, 1, true) then return true end
  end
  return false
end

-- The parts of a line between separators or wide spaces (ideographic, or two and more).
local function pieces(line)
  local marked = line:gsub("　+", "\0"):gsub("  +", "\0"):gsub("%s*|%s*", "\0"):gsub("%s*｜%s*", "\0"):gsub("%s*丨%s*", "\0")
  local list = {}
  for piece in marked:gmatch("[^%z]+") do list[#list + 1] = trim(piece) end
  return list
end

--- The date of a line that holds nothing but a date, perhaps with weekday and time.
---@param line string
---@return string? date
function M.bare_date(line)
  if #line > 80 then return nil end
  local d, rest = date.parse(line)
  if not d or not rest then return nil end
  rest = rest:gsub("[%s%d:]", ""):gsub("星期.*$", ""):gsub("上午", ""):gsub("下午", "")
  rest = rest:gsub("^[TZ+%-]*$", "")
  return rest == "" and d or nil
end

local function is_value(field, value)
  local len = utf8.len(value)
  if value == "" or not len or len > (NAMES[field] and NAME_MAX or VALUE_MAX) then return false end
  if field == "date" then return M.bare_date(value) ~= nil end
  return field == "title" or field == "topic" or not has_mark(value, SENTENCE_MARKS)
end

-- "本报记者 葛某 实习生 万某", "每经编辑 黄某": a short line that begins with such a title and a space.
local BYLINES = { { "记者", "author" }, { "記者", "author" }, { "编辑", "editor" }, { "編輯", "editor" } }
local function parse_byline(line)
  local len = utf8.len(line)
  if not len or len > 40 or has_mark(line, SENTENCE_MARKS) or line:find("，", 1, true) then return nil end
  for _, b in ipairs(BYLINES) do
    local from, to = line:find(b[1], 1, true)
    if from and utf8.len(line:sub(1, from - 1)) <= 8 then
      local value = skip_spaces(line, to + 1)
      if value > to + 1 and value <= #line and skip_spaces(line:sub(1, from), 1) == 1 then
        return { { field = b[2], label = b[1], value = trim(line:sub(value)) } }
      end
    end
  end
end

-- A value whose last parts are a date or a byline, as in "某社　2025-02-13　记者 葛某": the rest, and those fields.
local function split_value(value)
  local list, more = pieces(value), {}
  for i = #list, 2, -1 do
    local own = M.bare_date(list[i]) and { { field = "date", label = "", value = list[i] } } or parse_byline(list[i])
    if not own then break end
    more[#more + 1], list[i] = own[1], nil
  end
  if #more == 0 then return value, more end
  return table.concat(list, "　"), more
end

local function parse_fields(line)
  local list, at = {}, skip_spaces(line, 1)
  while at <= #line do
    local field, label, from = match_label(line, at)
    if not field then return nil end
    local stop = next_field(line, from - 1)
    local value, more = split_value(trim(line:sub(from, stop - 1)))
    if not is_value(field, value) then return nil end
    list[#list + 1] = { field = field, label = label, value = value }
    table.move(more, 1, #more, #list + 1, list)
    at = stop
  end
  return list
end

-- "2025-02-11 09:41　来源：某网　编辑：甲某": a date, perhaps with the time, and fields behind it.
local function parse_dated(line)
  if not date.parse(line) then return nil end
  local stop = next_field(line, 1)
  local head = trim(line:sub(1, stop - 1))
  local list = stop <= #line and M.bare_date(head) and parse_fields(line:sub(stop))
  if not list then return nil end
  table.insert(list, 1, { field = "date", label = "", value = head })
  return list
end

-- "某某日报　2025年2月13日　星期四", "2025年2月5日　某某日报　B2", "刊於《某某日報》2025 年 2 月 12 日 A15 版": a date with the
-- paper's name, and perhaps a page and weekday.
local function parse_masthead(line)
  if not line:find("%d") and not line:find("\xEF\xBC[\x90-\x99]") then return nil end
  local verb, printed, rest = line:match("^刊(.-)《(.-)》(.*)$")
  if printed and #verb <= 6 and date.parse(rest) and utf8.len(rest) <= 24 then
    return { { field = "source", label = "", value = printed }, { field = "date", label = "", value = rest } }
  end
  if has_mark(line, { "，", "。" }) then return nil end -- neither a date nor the name of a paper has them
  local day, paper
  local list = pieces(line)
  for _, piece in ipairs(list) do
    local short = (utf8.len(piece) or 99) <= 12 and not has_mark(piece, PAUSES)
    if not day and M.bare_date(piece) then day = piece
    elseif not short then return nil
    elseif not paper and not piece:find("^[%w%s]+$") and not piece:find("^星期") then paper = piece end
  end
  if not (day and paper) or #list > 4 then return nil end
  return { { field = "source", label = "", value = paper }, { field = "date", label = "", value = day } }
end

--- The fields of a head line, or nil.
---@param line string without its line break
---@return {field: string, label: string, value: string}[]?
function M.fields(line)
  if #line > 4 * LINE_MAX then return nil end
  local len = utf8.len(line)
  if not len or len > LINE_MAX then return nil end
  if M.bare_date(line) then return { { field = "date", label = "", value = line } } end
  return parse_fields(line) or parse_dated(line) or parse_byline(line) or parse_masthead(line)
end

-- A label that begins several lines of the text is a speaker's, not the byline's.
local function is_dialogue(text, label)
  if label == "" then return false end
  local count = 0
  for _, sep in ipairs { ":", "：" } do
    local at, needle = 1, "\n" .. label .. sep
    if text:sub(1, #needle - 1) == needle:sub(2) then count = count + 1 end
    repeat
      local from, to = text:find(needle, at, true)
      if from then count, at = count + 1, to end
    until not from or count > 1
  end
  return count > 1
end

local CLOSERS, ENDINGS = {}, {}
for c in ("”’」』）)\"》"):gmatch(utf8.charpattern) do CLOSERS[c] = true end
for c in ("。；，、：…,;:."):gmatch(utf8.charpattern) do ENDINGS[c] = true end

local function last_character(line, stop)
  local at = stop > 0 and utf8.offset(line, -1, stop + 1)
  return at and line:sub(at, stop) or ""
end

local function ends_like_sentence(line)
  local stop = #line
  local last = last_character(line, stop)
  while CLOSERS[last] and stop > #last do
    stop = stop - #last
    last = last_character(line, stop)
  end
  return ENDINGS[last] == true
end

local function reads_like_body(line)
  return #line > 4 * LINE_MAX or ends_like_sentence(line) or (utf8.len(line) or math.huge) > LINE_MAX
end

local function asks_or_calls(line)
  for _, mark in ipairs { "？", "！", "?", "!" } do
    if line:sub(-#mark) == mark then return true end
  end
  return false
end

--- True when a line could be a title: at most TITLE_MAX characters, half of that with ？ or ！ at its end, without a
--- full stop and not ended like a sentence otherwise.
---@param line string
---@return boolean
function M.may_be_title(line)
  local len = utf8.len(line)
  local most = asks_or_calls(line) and M.TITLE_MAX // 2 or M.TITLE_MAX
  return len ~= nil and len <= most and not line:find("。", 1, true) and not ends_like_sentence(line)
end

--- A title as it is compared: without case, width and white space.
---@param s string
---@return string
function M.key(s)
  local folded = utf8c.fold(s, { case = true, width = true }):gsub("%s+", "")
  return folded
end

local function zone(text)
  local lines, at, body = {}, 1, 0
  while at <= #text and #lines < M.ZONE_LINES do
    local stop = (text:find("\n", at, true) or #text + 1) - 1
    local line = { from = at, to = stop, text = text:sub(at, stop) }
    line.fields = M.fields(line.text)
    line.body = not line.fields and reads_like_body(line.text)
    if line.body then body = body + 1 end
    if body > BODY_LINES then break end
    lines[#lines + 1] = line
    at = stop + 2
  end
  return lines, at <= #text
end

local function take_fields(lines, text, found)
  for _, line in ipairs(lines) do
    local dialogue = false
    for _, f in ipairs(line.fields or {}) do dialogue = dialogue or (NAMES[f.field] and is_dialogue(text, f.label)) end
    if dialogue then line.fields = nil end
    for _, f in ipairs(line.fields or {}) do
      if not found[f.field] then found[f.field] = f.value end
      line.cut = line.cut or f.field ~= "topic"
    end
  end
end

-- The first line that is no head line, when it stands before any body text and more text follows.
local function first_line_title(lines, more)
  for i, line in ipairs(lines) do
    if not line.fields then
      if line.body or not M.may_be_title(line.text) then return nil end
      for k = i + 1, #lines do more = more or not lines[k].fields end
      return more and line.text or nil
    end
  end
end

--- Reads the head of an article.
---@param text string clean text, lines ended by "\n"
---@param known {title: string?, heading: string?} title: from front matter; heading: a Markdown heading near the top
---@return table<string, string> found title, source, author, date, editor, topic … as written
---@return {from: integer, to: integer}[] cut lines that are not text, in bytes, without their line breaks
function M.read(text, known)
  local lines, more = zone(text)
  local found, cut = {}, {}
  take_fields(lines, text, found)
  found.title = known.title or found.title or known.heading or first_line_title(lines, more)
  local key = found.title and M.key(found.title)
  for _, line in ipairs(lines) do
    local near = key and #line.text <= 4 * #key + 200 -- no character is more than four times as long as its key
    if line.cut or (near and M.key(line.text) == key) then cut[#cut + 1] = { from = line.from, to = line.to } end
  end
  return found, cut
end

return M
