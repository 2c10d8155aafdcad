-- fields.lua: which names of front matter, columns and keys stand for which field of an article.

local date = require "ds.date"
local names = require "ds.names"

local M = {}

-- Names by field, in the order in which they win.  Case does not count.
local NAMES = {
  title = { "title", "headline", "标题", "標題", "题目", "題目", "新闻标题", "文章标题" },
  date = { "date", "发布日期", "發布日期", "發佈日期", "日期", "发布时间", "發布時間", "發佈時間", "发表时间", "时间", "時間",
    "published", "publish_date", "pubdate", "pub_date", "publish_time", "published_at", "datepublished", "time", "datetime" },
  author = { "author", "authors", "作者", "文", "撰文", "撰稿", "记者", "記者", "byline" },
  source = { "source", "来源", "來源", "媒体", "媒體", "publisher", "出处", "出處", "source_name", "media", "site" },
  text = { "text", "正文", "内容", "內容", "content", "body", "全文", "文章", "article", "articlebody", "full_text", "fulltext",
    "maintext", "文本", "article_text" },
  id = { "id", "_id", "doc_id", "docid", "article_id", "news_id", "编号", "編號", "guid" },
}
--- Fields that a mapping can name besides keys of the metadata.
M.FIELDS = { "id", "title", "date", "author", "source", "text" }

local known = {}
for field, list in pairs(NAMES) do
  for rank, name in ipairs(list) do known[name] = { field = field, rank = rank } end
end

-- Keys under which metadata is a list of words.
local LISTS = {}
for name in ("tags tag keywords keyword 标签 標籤 关键词 關鍵詞 关键字 關鍵字"):gmatch("%S+") do LISTS[name] = true end

--- What --fields says: "text=content,date=pubdate".
---@param spec string
---@return table<string, string>? mapping field or key of the metadata, to column
---@return string? message
function M.parse(spec)
  local mapping = {}
  for part in (spec .. ","):gmatch("([^,]*),") do
    local field, column = part:match("^%s*([^=]-)%s*=%s*(.-)%s*$")
    if not field or field == "" or column == "" then
      return nil, ("'%s' is no FIELD=COLUMN"):format(part)
    end
    if mapping[field] then return nil, ("field '%s' is named twice"):format(field) end
    mapping[field] = column
  end
  return mapping
end

---@class ds.fields.mapper
local Mapper = {}
Mapper.__index = Mapper

--- Sorts the keys of a file's records.
---@param mapping table<string, string>? as parse gives it
---@return ds.fields.mapper
function M.mapper(mapping)
  local by_column = {}
  for field, column in pairs(mapping or {}) do by_column[column] = field end
  return setmetatable({ mapping = mapping or {}, by_column = by_column, roles = {} }, Mapper)
end

local IS_FIELD = {}
for _, field in ipairs(M.FIELDS) do IS_FIELD[field] = true end

--- What a key stands for.
---@param key string
---@return {field: string, rank: integer}? role nil: metadata
---@return string name of the metadata
function Mapper:role(key)
  local role = self.roles[key]
  if role == nil then
    local field = self.by_column[key]
    role = known[key:lower()]
    if field then role = IS_FIELD[field] and { field = field, rank = 0 } or { name = field } end
    if role and not field and self.mapping[role.field] then role = nil end -- another column has been named for it
    self.roles[key] = role or false
  end
  if role and role.name then return nil, role.name end
  return role or nil, key
end

--- Keys that may hold the text, in their order.
---@return string[]
function Mapper:text_keys()
  if self.mapping.text then return { self.mapping.text } end
  local list = {}
  for _, name in ipairs(NAMES.text) do list[#list + 1] = name end
  for _, name in ipairs { "Text", "Content", "Body", "articleBody", "fullText", "TEXT", "CONTENT" } do list[#list + 1] = name end
  return list
end

--- A value as text on one line: a list's items joined by 、, of a map its name; nil for what is empty.
---@param v any
---@return string?
function M.plain(v)
  if type(v) == "string" and v:find("^%S[^\r\n]*%S$") then return v end
  if type(v) == "table" then
    local items = {}
    if v[1] == nil and type(v.name) == "string" then v = { v.name } end
    for _, x in ipairs(v) do
      if type(x) == "table" and type(x.name) == "string" then x = x.name end
      items[#items + 1] = type(x) ~= "table" and tostring(x) or nil
    end
    v = table.concat(items, "、")
  elseif type(v) == "userdata" then
    v = nil
  end
  v = v ~= nil and tostring(v):match("^%s*(.*%S)") or ""
  if v:find("[\r\n]") then v = v:gsub("%s*[\r\n]+%s*", " ") end
  return v ~= "" and v or nil
end

-- Several keys stand for one field: the one of least rank wins, equals by their bytes, and the others are metadata.
local function sort_rivals(self, record)
  local found, ranks, keys, meta = {}, {}, {}, {}
  for key, value in next, record do
    local role, name = self:role(key)
    if not role then meta[name] = value
    elseif not ranks[role.field] or role.rank < ranks[role.field] or (role.rank == ranks[role.field] and key < keys[role.field]) then
      if ranks[role.field] then meta[keys[role.field]] = found[role.field] end
      found[role.field], ranks[role.field], keys[role.field] = value, role.rank, key
    else meta[key] = value end
  end
  return found, meta, keys
end

-- The keys that stand for fields; nil: sort_rivals has to look.
local function sort_each(self, record)
  local roles, found, meta = self.roles, {}, {}
  local date_key, text_key, author_key
  for key, value in next, record do
    local role = roles[key]
    if role == nil then
      self:role(key)
      role = roles[key]
    end
    local field = role and role.field
    if not field then meta[role and role.name or key] = value
    elseif found[field] ~= nil then return nil
    else
      found[field] = value
      if field == "date" then date_key = key
      elseif field == "text" then text_key = key
      elseif field == "author" then author_key = key end
    end
  end
  return found, meta, date_key, text_key, author_key
end

local days, day_count = {}, 0 -- dates by how they are written: articles of a day come together
local DAYS_MOST <const>, DAY_LONGEST <const> = 4096, 32

local function day_of(written)
  if type(written) ~= "string" or #written > DAY_LONGEST then return (date.parse(written)) end
  local day = days[written]
  if day == nil then
    if day_count == DAYS_MOST then days, day_count = {}, 0 end
    day = date.parse(written) or false
    days[written], day_count = day, day_count + 1
  end
  return day or nil
end

--- Sorts a record: the values of fields, and the metadata.  What a field cannot hold as it is stays in the metadata, too.
---@param record table<string, any>
---@return table<string, any> found by field
---@return table<string, any> meta
function Mapper:sort(record)
  local found, meta, date_key, text_key, author_key = sort_each(self, record)
  if not found then
    local keys
    found, meta, keys = sort_rivals(self, record)
    date_key, text_key, author_key = keys.date, keys.text, keys.author
  end
  if found.text ~= nil then meta[text_key] = found.text end
  local written = found.date
  if written ~= nil then
    found.date = day_of(written)
    if written ~= found.date then meta[date_key] = written end
  end
  if type(found.author) == "table" then meta[author_key] = found.author end
  return found, meta
end

--- A cell of a table as metadata: a number when it is written like one, words when the column holds a list.
---@param name string of the column
---@param cell string
---@return any
function M.typed(name, cell)
  if LISTS[name:lower()] then
    local list = {}
    for _, mark in ipairs { ";", "；", "、", "，", "|" } do cell = cell:gsub(mark, ",") end
    for word in cell:gmatch("[^,]+") do
      word = word:match("^%s*(.-)%s*$")
      if word ~= "" then list[#list + 1] = word end
    end
    return list
  end
  if #cell <= 18 and (cell:find("^%-?[1-9]%d*$") or cell == "0" or cell:find("^%-?[1-9]%d*%.%d+$") or cell:find("^%-?0%.%d+$")) then
    return tonumber(cell)
  end
  return cell
end

--- Fields of front matter, as text; all of it stays metadata.
---@param meta table
---@return table<string, string>
function M.of_front_matter(meta)
  local found, ranks, used = {}, {}, {}
  for key, value in next, meta do
    local role = type(key) == "string" and known[key:lower()]
    local text = role and role.field ~= "text" and role.field ~= "id" and M.plain(value)
    if text then
      local field, rank = role.field, role.rank
      local better = not ranks[field] or rank < ranks[field]
      if ranks[field] == rank then -- the same name in another case
        local lower, other = key == key:lower(), used[field] == used[field]:lower()
        better = lower and not other or lower == other and key < used[field]
      end
      if better then found[field], ranks[field], used[field] = text, rank, key end
    end
  end
  return found
end

--- A hint for a column that is not there.
---@param wanted string
---@param there string[]
---@return string
function M.hint(wanted, there)
  local near = names.nearest(wanted, there)
  return near and (", did you mean '%s'?"):format(near) or "; there are " .. table.concat(there, ", ")
end

return M
