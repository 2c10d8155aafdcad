-- reader_html.lua: a page of HTML to its article.
--
-- The blocks of the article's body (html_body.lua) become lines.  Title, date, author and source come from JSON-LD and meta
-- elements (html_meta.lua), from what stands between the title and the body, or from the body's own head lines.

local fields = require "ds.fields"
local headlines = require "ds.headlines"
local html = require "ds.c.html"
local html_body = require "ds.html_body"
local html_meta = require "ds.html_meta"
local reader_text = require "ds.reader_text"
local rejected = require "ds.rejected"

local M = {}

-- So many blocks before the body are looked at for date and source.
local INFO_BLOCKS = 12

local function load_page(tree)
  local page = { tree = tree }
  page.tags, page.parents, page.attrs = tree:elements()
  page.at, page.chars, page.links, page.marks = tree:blocks()
  return page
end

local function block_text(page, b) return (page.tree:text { b }) end

local function has_ancestor(page, e, tag)
  while e > 0 do
    if page.tags[e] == tag then return true end
    e = page.parents[e]
  end
  return false
end

local function fold_title(s) return headlines.key(s) end

-- The page's <h1> that its title repeats, or its only one.
local function heading(page, told)
  local list = {}
  for b, e in ipairs(page.at) do
    if page.chars[b] >= 2 and has_ancestor(page, e, "h1") then list[#list + 1] = block_text(page, b):gsub("\n", " ") end
  end
  for _, text in ipairs(list) do
    if told and fold_title(told):find(fold_title(text), 1, true) then return text end
  end
  return #list == 1 and list[1] or nil
end

local function title_of(page, found)
  local told = found.title or found.page_title
  local h1 = heading(page, told or "")
  if h1 and told and fold_title(told):find(fold_title(h1), 1, true) then return h1 end
  if found.title then return html_meta.without_site(found.title, found.site) end
  return h1 or found.page_title and html_meta.without_site(found.page_title, found.site)
end

-- Date, source and the like in the lines before the body: "2025-02-11 09:41 来源：某网".
local function info_lines(page, first)
  local info = {}
  for b = math.max(1, first - INFO_BLOCKS), first - 1 do
    if page.chars[b] > 0 and page.chars[b] <= 120 then
      for line in block_text(page, b):gmatch("[^\n]+") do
        for _, f in ipairs(headlines.fields(line) or {}) do info[f.field] = info[f.field] or f.value end
      end
    end
  end
  return info
end

local function known_fields(page, blocks)
  local found, meta = html_meta.read(page)
  local info = info_lines(page, blocks[1] or 1)
  found.title = title_of(page, found)
  found.author = found.author ~= found.site and found.author or nil
  meta.description = meta.description ~= found.title and meta.description or nil
  for field, value in pairs(info) do
    if field ~= "title" and field ~= "date" and meta[field] == nil then meta[field] = value end
  end
  return {
    title = found.title, date = found.date or info.date, author = found.author or info.author,
    source = info.source or found.source or found.publisher or found.site,
  }, meta
end

--- Reads a decoded page.
---@param s string
---@param path string
---@param id string
---@return table[] articles one, or none when the page is rejected
---@return ds.Rejected[] rejected
function M.read(s, path, id)
  local tree <close>, message = html.parse(s)
  if not tree then return {}, { rejected(path, id, message) } end
  local page = load_page(tree)
  local blocks = html_body.choose(page)
  local known, meta = known_fields(page, blocks)
  for field, value in pairs(known) do known[field] = fields.plain(value) end
  local file = { path = path, meta = meta, known = known }
  file.clean, file.map = tree:text(blocks)
  if file.clean == "" then return {}, { rejected(path, id, "no article is found on the page: only links, or no text at all") } end
  return reader_text.articles(file, id)
end

return M
