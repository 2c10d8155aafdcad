-- report_html.lua: a report as one HTML file that asks no network for anything: headings, figures, pictures, tables, and
-- from each of them the way to the passages in the articles.
--
-- The page is made in three steps: tables are given the room there is, and passages noted; the articles are read once more
-- (page_sources.lua); then everything is written.  A policy in its head lets no script run but ours, whatever slips in.
local about = require "ds.page_about"
local chart = require "ds.page_chart"
local failure = require "ds.failure"
local hash = require "ds.c.hash"
local messages = require "ds.messages"
local sources_m = require "ds.page_sources"
local tables = require "ds.page_table"
local text = require "ds.page_text"
local esc = text.escape

local html = {}

-- What the script says, in both languages.
local SAID <const> = { "no row matches", "of", "row", "rows", "in this file", "found", "Previous", "Next", "rows a page", "only", "remove", "passage",
  "passages", "untitled", "The whole article", "Excerpts around the passages", "The text of this article is not in this file.",
  "further places of it are not in this file" }

---@class ds.Page
---@field blocks table[]
---@field tables ds.PageTable[] in the order of the page
---@field more ds.PageTable[] those that stand at its end
---@field of table<table, ds.PageTable> by block
---@field words ds.PageWords
---@field sources ds.Sources
local Page = {}
Page.__index = Page

-- ------------------------------------------------------------------ first: tables, links, passages

local function new_table(self, block, list)
  local t = tables.new(block, "t" .. #self.tables + 1)
  self.tables[#self.tables + 1] = t
  if list then list[#list + 1] = t end
  self.of[block] = t
  return t
end

-- Declared tables that the report does not show as they are stand at the end, so that nothing is out of reach.
local function add_the_rest(self, ctx)
  local shown = {}
  for _, b in ipairs(self.blocks) do
    if b.kind == "table" and b.declared and #b.columns == #b.declared.order then shown[b.declared.name] = true end
  end
  for _, declared in ipairs(ctx._plugin.tables) do
    local rows = not shown[declared.name] and ctx:rows(declared.name) or {}
    if #rows > 0 then
      new_table(self, { kind = "table", title = declared.name, columns = declared.order, rows = rows, found = #rows, limit = 20,
        declared = declared, option = declared == ctx._plugin.tables[1] and "" or " --table " .. declared.name }, self.more)
    end
  end
end

local function has_all(t, link)
  for _, name in ipairs(link.columns) do
    if not t:has_column(name) then return false end
  end
  for name in next, link.where do
    if not t:has_column(name) then return false end
  end
  return true
end

-- The table that a picture leads to, with the columns that find its rows.
local function resolve(self, b)
  local link = b.link
  if not link then return end
  for _, t in ipairs(self.tables) do
    local named = t.block.title == link.table or (t.block.declared and t.block.declared.name == link.table)
    if named and has_all(t, link) then
      for _, name in ipairs(link.columns) do t:keep(name) end
      for name in next, link.where do t:keep(name) end
      link.anchor = t.anchor
      function link.data(key)
        local where = {}
        for name, v in next, link.where do where[name] = text.clean(tostring(v)) end
        local c = require "ds.c.json"
        return c.encode { t = t.anchor, c = c.array(table.move(link.columns, 1, #link.columns, 1, {})), d = link.date, v = text.clean(tostring(key)), w = where }
      end
      return
    end
  end
end

local function check_links(self, ctx)
  for _, b in ipairs(self.blocks) do
    local name = b.link and not b.link.anchor and b.link.table
    if name and not ctx._plugin.by_name[name] then
      failure.raise(failure.SCRIPT, "%s: r:%s: rows: no table '%s' with these columns is on the page", ctx._plugin.path, b.kind, name)
    elseif name then b.link = nil end -- it has no rows
  end
end

local function note_passages(self)
  for _, t in ipairs(self.tables) do t:note(self.sources) end
  for _, b in ipairs(self.blocks) do
    for _, item in ipairs(b.kind == "evidence" and b.items or {}) do item.number = self.sources:add(item, true) end
  end
end

-- ------------------------------------------------------------------ last: writing

local render = {}

function render.note(self, b) self.put("<p>", esc(b.text), "</p>\n") end

function render.figures(self, b)
  self.put('<dl class="figures">\n')
  for _, item in ipairs(b.items) do
    self.put(("<div><dt>%s</dt><dd>%s</dd></div>\n"):format(self.words.t(item[2]),
      type(item[1]) == "number" and chart.number(item[1]) or "<bdi>" .. esc(item[1]) .. "</bdi>"))
  end
  self.put("</dl>\n")
end

local function found_line(self, shown, found, what)
  if shown < found then
    self.put(('<p class="count">%s %s %s %s</p>\n'):format(chart.number(shown), self.words.t "of", chart.number(found), self.words.t(what)))
  end
end

local function picture(draw, what)
  return function(self, b)
    self.put("<figure>\n", draw(b, b.link, self.words))
    if what then found_line(self, #b.items, b.found, what) end
    self.put("</figure>\n")
  end
end

render.bars = picture(chart.bars, "bars")
render.series = picture(chart.series)
render.scatter = picture(chart.scatter)
render.network = picture(chart.network)

function render.table(self, b) self.of[b]:write(self.sources, self.words, self.put) end

local function place_of(item) return item.from and ("%s:%d-%d"):format(item.doc, item.from, item.to or item.from) or item.doc end

-- A note, or a passage without a place, as far as a page can hold it.
local function short(s)
  local kept, left = text.cut(s, 2000)
  return left and ("%s… (+%d)"):format(kept, left) or kept
end

local function evidence_item(self, item)
  local put, a = self.put, self.sources:article(item.doc)
  local quote, left = self.sources:quote(item.number)
  put("<li>")
  if quote or item.text then
    put(('<blockquote%s>%s%s</blockquote>'):format(a and a.lang and (' lang="%s"'):format(a.lang) or "", quote or esc(short(item.text)),
      left and ("… (+%d %s)"):format(left, self.words.t "more characters") or ""))
  end
  local name = "<bdi>" .. esc(a and a.title or item.doc) .. "</bdi>"
  put('<p class="src">', a and ('<a href="#p%d" data-p="%d">%s</a>'):format(item.number, item.number, name) or name)
  for _, s in ipairs { a and a.source or false, a and a.date or false } do
    if s then put("<bdi>", esc(s), "</bdi>") end
  end
  put('<span class="path">', esc(place_of(item)), "</span></p>")
  if item.note then put('<p class="note"><bdi>', esc(short(item.note)), "</bdi></p>") end
  put("</li>\n")
end

function render.evidence(self, b)
  local put, words, c, rest = self.put, self.words, require "ds.c.json", {}
  local shown = math.min(b.limit == math.huge and #b.items or b.limit, #b.items)
  put(('<div class="evidence" data-found="%d">\n<ol>\n'):format(b.found))
  for i = 1, shown do evidence_item(self, b.items[i]) end
  for i = shown + 1, #b.items do
    local item = b.items[i]
    rest[#rest + 1] = c.array { item.number, text.clean(place_of(item)), text.clean(short(item.note or "")), text.clean(short(item.text or "")) }
  end
  put("</ol>\n", '<p class="count" role="status">', b.found == 0 and words.t "none" or ("%s %s %s %s"):format(chart.number(shown), words.t "of", chart.number(b.found), words.t "passages"), "</p>\n")
  if #rest > 0 then
    put('<button type="button" class="more" hidden>', words.t "Show more", "</button>\n",
      '<script type="application/json">', text.json(c.array(rest)), "</script>\n")
  end
  put("</div>\n")
end

local function block(self, b, i)
  if b.kind == "heading" then return self.put(('<h2 class="part" id="b%d">%s</h2>\n'):format(i, self:heading(b))) end
  if b.kind == "note" or b.kind == "figures" then return render[b.kind](self, b) end
  self.put(('<section id="b%d">\n'):format(i))
  if b.title then self.put("<h2>", self.words.t(b.title), "</h2>\n") end
  render[b.kind](self, b)
  self.put("</section>\n")
end

--- A heading; its pieces are translated each for itself.
function Page:heading(b)
  local parts = {}
  for i, part in ipairs(b.parts or { b.text }) do parts[i] = self.words.t(part) end
  return table.concat(parts)
end

local function contents(self)
  local list = {}
  for i, b in ipairs(self.blocks) do
    local name = b.kind == "heading" and b ~= self.first and self:heading(b) or b.title and self.words.t(b.title)
    if name then list[#list + 1] = ('<li><a href="#b%d">%s</a></li>'):format(i, name) end
  end
  if #list > 24 or #list < 2 then return "" end
  if #self.more > 0 then list[#list + 1] = ('<li><a href="#all">%s</a></li>'):format(self.words.t "All data") end
  list[#list + 1] = ('<li><a href="#about">%s</a></li>'):format(self.words.t "About this report")
  return ('<nav %s><ul>%s</ul></nav>\n'):format(self.words.attribute("aria-label", "Contents"), table.concat(list))
end

local function plain_heading(self, b)
  local parts = {}
  for i, part in ipairs(b.parts or { b.text }) do parts[i] = self.words.plain(part) end
  return table.concat(parts)
end

local function write_head(self, run, t)
  local words, script = self.words, require "ds.page_script"
  local _, kind = messages.language()
  local name = self.first and plain_heading(self, self.first) or run.plugin.name
  local heading = self.first and self:heading(self.first) or esc(run.plugin.name)
  self.put(('<!DOCTYPE html>\n<html lang="%s" data-chinese="zh-%s" data-style="auto">\n<head>\n<meta charset="utf-8">\n')
    :format(words.language == "zh" and "zh-" .. kind or "en", kind),
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" content="light dark">\n',
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'unsafe-inline\'; script-src \'sha256-',
    text.base64(hash.raw("\n" .. script)), '\'; img-src data:; base-uri \'none\'; form-action \'none\'">\n',
    '<meta name="referrer" content="no-referrer">\n<meta name="generator" content="ds ', esc(run.ds.version), '">\n',
    '<link rel="icon" href="data:,">\n<title>', esc(name), '</title>\n<style>\n', require "ds.page_style", '</style>\n</head>\n<body>\n',
    '<header>\n<p class="kicker">', esc(run.plugin.name), " · ", words.t "Report", "</p>\n<h1>", heading, "</h1>\n",
    run.plugin.about and '<p class="about">' .. words.t(run.plugin.about) .. "</p>\n" or "", about.line(run, t, words),
    '<div class="switches"><button type="button" id="language" ', words.attribute("aria-label title", "Language"), '>中 / En</button>',
    '<button type="button" id="style" ', words.attribute("aria-label title", "Page style: as the system, light, dark"), '>◐</button></div>\n</header>\n')
end

local function write_rest(self, words)
  if #self.more == 0 then return end
  self.put('<section id="all" class="all"><h2>', words.t "All data", '</h2>\n<p class="quiet">', words.t "All rows behind the figures of this page.", "</p>\n")
  for _, t in ipairs(self.more) do
    self.put('<details><summary>', words.t(t.block.title), " (", chart.number(t.block.found), ")</summary>\n")
    t:write(self.sources, words, self.put)
    self.put("</details>\n")
  end
  self.put("</section>\n")
end

local function button(words, class, sign, name)
  return ('<button type="button" class="%s" %s>%s</button>'):format(class, words.attribute("aria-label title", name), sign)
end

local function write_end(self)
  local words, put = self.words, self.put
  put('<footer><p>', words.t "Everything on this page comes from this one file; it asks no network for anything.", "</p></footer>\n",
    '<dialog id="reader" ', words.attribute("aria-label", "Sources and passages"), '><div class="top"><h2></h2><p class="meta"></p><div class="path"></div><p class="kind"></p>',
    '<div class="bar"><span class="where" role="status"></span>', button(words, "back", "←", "Previous passage"), button(words, "next", "→", "Next passage"),
    button(words, "close", "✕", "Close"), '</div></div><div class="body" tabindex="0"></div></dialog>\n')
  put('<script type="application/json" id="sources">', self.data, "</script>\n",
    '<script type="application/json" id="words">', text.json(words.dictionary(SAID)), "</script>\n",
    "<script>\n", require "ds.page_script", "</script>\n</body>\n</html>\n")
end

local function write(self, run, t)
  write_head(self, run, t)
  self.put(contents(self), about.alerts(t, self.words), "<main>\n")
  for i, b in ipairs(self.blocks) do
    if b ~= self.first then block(self, b, i) end
  end
  write_rest(self, self.words)
  self.put(about.section(run, t, self.sources, self.words), "</main>\n")
  write_end(self)
end

-- ------------------------------------------------------------------ the page

-- The first heading is that of the page.
local function first_heading(blocks)
  for _, b in ipairs(blocks) do
    if b.kind == "heading" then return b end
  end
end

--- Writes the page of a report.
---@param worker ds.Mapper
---@param blocks table[] made with `whole`
---@param phase fun(fn: fun()) calls fn; a limit ends it early
function html.write(worker, blocks, phase)
  local run, ctx = worker.run, worker.ctx
  local self = setmetatable({ blocks = blocks, tables = {}, more = {}, of = {}, first = first_heading(blocks),
    words = require("ds.page_words").new((messages.language()), messages.localise), sources = sources_m.new(run) }, Page)
  function self.put(...) failure.check_write(run.writer:write(...)) end
  for _, b in ipairs(blocks) do
    if b.kind == "table" then new_table(self, b) end
  end
  add_the_rest(self, ctx)
  for _, b in ipairs(blocks) do resolve(self, b) end
  check_links(self, ctx)
  tables.share(self.tables, self.words)
  note_passages(self)
  phase(function() self.sources:read(ctx._corpus or nil) end)
  self.data = self.sources:json()
  write(self, run, worker.tally)
end

return html
