-- html_body.lua: which blocks of a page are the article.
--
-- A block that reads like prose (long enough, with punctuation, few links) counts for its element, what is links counts
-- against it; the article is the element whose blocks, taken together, have the greatest sum (the heaviest subtree).  What a
-- page calls its article (itemprop=articleBody, <article>, usual names of classes) is believed when it holds most of
-- the prose.  Inside, navigation, lists of links, comments, forms and what is hidden are left out by their elements and
-- names, but never when they hold most of the prose themselves.
--
-- The idea to weigh text against links by subtree: Sun, Song and Liao, DOM based content extraction via text density,
-- SIGIR 2011; the names of classes: what readers of news pages see again and again.

local M = {}

local DROPPED = { nav = true, footer = true, aside = true, header = true, dialog = true, menu = true, figcaption = true, form = true,
  search = true, address = true, hgroup = true }
local ROLES = { navigation = true, banner = true, contentinfo = true, complementary = true, search = true, dialog = true, menu = true,
  menubar = true, toolbar = true, tablist = true, alert = true }
local DROP_WORDS, BODY_WORDS = {}, {}
for word in ([[comment comments share sharing shares sns related relate relevant recommend recommended recommends recommendation
  breadcrumb breadcrumbs crumb crumbs footer foot sidebar aside nav navbar navigation navi menu advert advertisement ad ads adv
  banner promo promotion sponsor sponsored hot hotnews rank ranking pager pagination paging qrcode ewm login register toolbar
  subscribe subscription newsletter social tags taglist tagcloud toc copyright popup modal cookie cookies widget rail hidden
  mostread more morenews guess readmore pinglun fenxiang xiangguan tuijian daohang weizhi relnews caption byline meta
  keywords prevnext nextprev siblings outbrain taboola disqus]]):gmatch("%S+") do DROP_WORDS[word] = true end
for word in ([[articlebody articlecontent articletext articlecontents newscontent newstext newsbody contenttext maintext postcontent
  entrycontent storybody textbody artibody bodytext richmediacontent jscontent trseditor ozoom endtext contentarticle mainarticle
  newsdetail detailcontent contentbody articledetail contentmain storycontent postbody articlemain]]):gmatch("%S+") do
  BODY_WORDS[word] = true
end

local PROSE_CHARS, LINK_SHARE = 15, 0.5
local BELIEVED, CLOSE = 0.5, 0.9 -- shares of the prose

-- Words of a class or an id: "artBody", "art-body", "art_body" are art and body.
local function words_of(s)
  local list = {}
  for word in s:gsub("(%l)(%u)", "%1 %2"):lower():gmatch("%a+") do list[#list + 1] = word end
  return list
end

local function is_hidden(a)
  if a.hidden or a["aria-hidden"] == "true" then return true end
  -- visibility:hidden is not asked for: pages hide their article so until a script shows it
  return a.style ~= nil and a.style:lower():gsub("%s", ""):find("display:none", 1, true) ~= nil
end

local function has_drop_word(a)
  for _, key in ipairs { "class", "id" } do
    if a[key] and #a[key] < 300 then
      local words = words_of(a[key])
      for i, word in ipairs(words) do
        if DROP_WORDS[word] and #words <= 6 then return true end
        if words[i + 1] and DROP_WORDS[word .. words[i + 1]] then return true end
      end
    end
  end
  return false
end

local function is_body_name(a)
  if a.itemprop == "articleBody" then return true end
  for _, key in ipairs { "class", "id" } do
    for part in (a[key] or ""):gmatch("%S+") do
      if BODY_WORDS[(part:lower():gsub("[^%a]", ""))] then return true end
    end
  end
  return false
end

-- ------------------------------------------------------------------ weighing

-- What a block says for (or against) its element's being the article.
local function weight_of(page, b)
  local chars, links = page.chars[b], page.links[b]
  local share = chars > 0 and links / chars or 0
  if share > LINK_SHARE then return -links - 5, 0 end
  if chars >= PROSE_CHARS and page.marks[b] > 0 then
    local w = (chars - links) + 8 * math.min(page.marks[b], 50)
    return w, w
  end
  return -2, 0
end

-- For each element, the sums over its blocks of `weight` and `prose`; elements come before those inside them.
local function sum_up(page, ignored)
  local weight, prose = {}, {}
  for e = 1, #page.tags do weight[e], prose[e] = 0, 0 end
  for b, e in ipairs(page.at) do
    if e > 0 and not (ignored and ignored[e]) then
      local w, p = weight_of(page, b)
      weight[e], prose[e] = weight[e] + w, prose[e] + p
    end
  end
  for e = #page.tags, 2, -1 do
    local up = page.parents[e]
    if up > 0 then weight[up], prose[up] = weight[up] + weight[e], prose[up] + prose[e] end
  end
  return weight, prose
end

-- Elements that are left out with all that is in them.
local function find_dropped(page, prose, total)
  local dropped = {}
  for e, tag in ipairs(page.tags) do
    local a = page.attrs[e]
    if dropped[page.parents[e]] then
      dropped[e] = true
    elseif tag ~= "html" and tag ~= "body" and tag ~= "main" and tag ~= "article" and tag ~= "p" then
      local named = a and not is_body_name(a) and (is_hidden(a) or ROLES[a.role] or has_drop_word(a))
      local few = prose[e] <= (tag == "form" and 0.2 or BELIEVED) * total
      dropped[e] = few and (DROPPED[tag] or named) and true or nil
    end
  end
  return dropped
end

-- The element that is the article, 0 when there is no prose.
local function choose(page, weight, prose, dropped)
  local best, total = 0, 0
  for e = 1, #page.tags do
    if not dropped[e] and prose[e] > 0 and (best == 0 or weight[e] >= weight[best]) then best = e end
    if page.parents[e] == 0 then total = total + prose[e] end
  end
  local named = 0
  for e, tag in ipairs(page.tags) do
    local a = page.attrs[e]
    local told = tag == "article" or a and is_body_name(a)
    local enough = prose[e] >= BELIEVED * total and (named == 0 or prose[e] >= CLOSE * prose[named])
    if told and enough and prose[e] > 0 and not dropped[e] then named = e end
  end
  return named > 0 and named or best
end

local function inside(page, root)
  local set = { [root] = true }
  for e = root + 1, #page.tags do
    if set[page.parents[e]] then set[e] = true else break end
  end
  return set
end

-- A line of links among prose: a list of other articles, the tags of this one.
local function is_links(page, b)
  return page.chars[b] > 0 and page.links[b] > LINK_SHARE * page.chars[b] and page.marks[b] < 2
end

--- Chooses the article's blocks.
---@param page {tags: string[], parents: integer[], attrs: table[], at: integer[], chars: integer[], links: integer[], marks: integer[]}
---@return integer[] blocks empty: there is no article on the page
---@return integer element the article's; 0: none
function M.choose(page)
  local _, prose = sum_up(page)
  local total = 0
  for e = 1, #page.tags do
    if page.parents[e] == 0 then total = total + prose[e] end
  end
  local dropped = find_dropped(page, prose, total)
  local weight, kept_prose = sum_up(page, dropped)
  local root = choose(page, weight, kept_prose, dropped)
  local blocks = {}
  if root == 0 then
    for b, e in ipairs(page.at) do -- no prose: a short note is better than nothing, links alone are nothing
      if not dropped[e] and page.chars[b] > 0 and not is_links(page, b) and page.tags[e] ~= "h1" then blocks[#blocks + 1] = b end
    end
    return blocks, 0
  end
  local within = inside(page, root)
  for b, e in ipairs(page.at) do
    if within[e] and not dropped[e] and not is_links(page, b) then blocks[#blocks + 1] = b end
  end
  return blocks, root
end

return M
