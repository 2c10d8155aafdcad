-- html_meta.lua: what a page of HTML says about its article outside of the text: JSON-LD, meta elements, <time>, <title>.

local date = require "ds.date"
local fields = require "ds.fields"
local json = require "ds.json"

local M = {}

-- Names of meta elements (name, property, itemprop; lower case), in the order in which they win.
local METAS = {
  title = { "og:title", "twitter:title", "headline", "dc.title", "title" },
  date = { "article:published_time", "og:published_time", "datepublished", "pubdate", "publishdate", "publish_time", "publishtime",
    "publish-date", "og:release_date", "weibo: article:create_at", "dc.date", "dc.date.issued", "date", "apub:time" },
  author = { "author", "article:author", "og:article:author", "byl", "dc.creator", "weixin:author" },
  source = { "source", "mediaid", "og:article:source", "contentsource", "og:site_name", "application-name", "dc.publisher" },
  description = { "description", "og:description" },
  url = { "og:url" },
  section = { "article:section", "section" },
}
local KEYWORDS = { ["keywords"] = true, ["news_keywords"] = true, ["article:tag"] = true }
local ARTICLES = { NewsArticle = 1, ReportageNewsArticle = 1, AnalysisNewsArticle = 1, OpinionNewsArticle = 1, BackgroundNewsArticle = 1,
  ReviewNewsArticle = 1, AskPublicNewsArticle = 1, Article = 2, BlogPosting = 2, Report = 2, SocialMediaPosting = 3, WebPage = 4 }

local function nonempty(s)
  s = type(s) == "string" and s:match("^%s*(.-)%s*$"):gsub("%s+", " ") or nil
  return s ~= "" and s or nil
end

-- ------------------------------------------------------------------ JSON-LD

local function kind_of(node)
  local t = node["@type"]
  if type(t) ~= "table" then return ARTICLES[t] end
  local best
  for _, name in ipairs(t) do
    local k = ARTICLES[name]
    if k and (not best or k < best) then best = k end
  end
  return best
end

-- The node that describes the article best; lists and @graph are looked into, not deeper than they may be meant.
local function article_node(v, depth)
  if type(v) ~= "table" or depth > 3 then return nil end
  local best, rank = nil, math.huge
  local function offer(node, r)
    if node and r < rank then best, rank = node, r end
  end
  if v[1] ~= nil then
    for i = 1, math.min(#v, 100) do offer(article_node(v[i], depth + 1)) end
  else
    local kind = kind_of(v)
    if kind then offer(v, kind) end
    if type(v["@graph"]) == "table" then offer(article_node(v["@graph"], depth + 1)) end
    if type(v.mainEntity) == "table" then offer(article_node(v.mainEntity, depth + 1)) end
  end
  if best then return best, rank end
end

local function from_json_ld(page, found)
  local best, rank = nil, math.huge
  for i, tag in ipairs(page.tags) do
    local text = tag == "script" and page.attrs[i] and page.attrs[i].text
    if text then
      local node, r = article_node(json.decode(text), 1)
      if node and r < rank then best, rank = node, r end
    end
  end
  if not best then return end
  found.title = nonempty(best.headline) or rank < 4 and nonempty(best.name) or nil
  found.date = nonempty(best.datePublished)
  found.author = fields.plain(best.author)
  found.publisher = fields.plain(best.publisher)
  found.section = nonempty(best.articleSection)
end

-- ------------------------------------------------------------------ meta elements

local function gather_metas(page)
  local by_name, keywords = {}, {}
  for i, tag in ipairs(page.tags) do
    local a = tag == "meta" and page.attrs[i]
    local content = a and nonempty(a.content)
    if content then
      for _, key in ipairs { "property", "name", "itemprop" } do
        local name = a[key] and a[key]:lower()
        if name and KEYWORDS[name] then keywords[#keywords + 1] = content end
        if name and by_name[name] == nil then by_name[name] = content end
      end
    end
  end
  return by_name, keywords
end

local function first_of(by_name, names, good)
  for _, name in ipairs(names) do
    local v = by_name[name]
    if v and (not good or good(v)) then return v, name end
  end
end

local function is_name(v) return not v:find("://", 1, true) and (utf8.len(v) or 99) <= 40 end

local function words(list)
  local out, seen = {}, {}
  for _, text in ipairs(list) do
    for _, word in ipairs(fields.typed("keywords", text)) do
      if not seen[word] then
        seen[word] = true
        out[#out + 1] = word
      end
    end
  end
  return #out > 0 and out or nil
end

-- A date in <time datetime=…> or an element with itemprop=datePublished.
local function time_element(page)
  for i, tag in ipairs(page.tags) do
    local a = page.attrs[i]
    if a and (tag == "time" or a.itemprop == "datePublished") then
      local v = nonempty(a.datetime) or nonempty(a.content)
      if v and date.parse(v) then return v end
    end
  end
end

-- ------------------------------------------------------------------ titles

local MARKS = { "_", "｜", "|", "丨", " - ", " – ", " — ", "--", "－", "·" }

-- What names of sites end in; only before one of these is a hyphen between Chinese characters a border.
local SITES = { "网", "網", "网站", "網站", "报", "報", "社", "新闻", "新聞", "频道", "頻道", "在线", "线上", "線上", "资讯", "資訊", "门户", "站" }

local function hyphen(title)
  local at = title:find("[\x80-\xBF]%-[\xC3-\xF4]")
  for _, tail in ipairs(at and SITES or {}) do
    if title:sub(-#tail) == tail then return at + 1 end
  end
end

--- A title without the name of the site behind it.
---@param title string
---@param site string?
---@return string
function M.without_site(title, site)
  local cut = hyphen(title) or #title + 1
  for _, mark in ipairs(MARKS) do
    local at = title:find(mark, 2, true)
    local rest = at and title:sub(at + #mark)
    local named = rest and site and rest:find(site, 1, true)
    if at and at < cut and (named or ((utf8.len(rest) or 99) <= 24 and (utf8.len(title:sub(1, at - 1)) or 0) >= 5)) then cut = at end
  end
  return title:sub(1, cut - 1):match("^%s*(.-)%s*$")
end

--- Everything that is known besides the text.
---@param page {tags: string[], attrs: table[]}
---@return table found title, date, author, source, publisher, page_title, as written
---@return table meta description, keywords, url, section, lang
function M.read(page)
  local found, meta = {}, {}
  from_json_ld(page, found)
  local by_name, keywords = gather_metas(page)
  found.title = found.title or first_of(by_name, METAS.title)
  found.date = found.date or first_of(by_name, METAS.date, date.parse) or time_element(page)
  found.author = found.author or first_of(by_name, METAS.author, is_name)
  local source, name = first_of(by_name, METAS.source, is_name)
  if name == "og:site_name" or name == "application-name" then found.site = source else found.source = source end
  for i, tag in ipairs(page.tags) do
    local a = page.attrs[i]
    if tag == "title" and not found.page_title then found.page_title = nonempty(a and a.text) end
    if tag == "link" and a and a.rel == "canonical" then meta.url = meta.url or nonempty(a.href) end
    if tag == "html" and a then meta.lang = meta.lang or nonempty(a.lang) end
  end
  meta.description, meta.keywords = first_of(by_name, METAS.description), words(keywords)
  meta.url = meta.url or first_of(by_name, METAS.url)
  meta.section = found.section or first_of(by_name, METAS.section)
  return found, meta
end

return M
