-- boilerplate.lua: what of an article's text belongs to the page it stood on.
--
-- Lines are judged by their wording, folded to Simplified.  From the last line upwards, at most TAIL_LINES, a run of
-- telling lines is taken; one or two short lines between telling ones belong to the run.  A heading such as 参考资料
-- or 相关文章 makes a list of all that follows it, when no more than LIST_LINES lines do and none of them reads
-- like a sentence.  At the top, only the marks of a column (原创, /slogan/) among the first lines are taken.

local utf8c = require "ds.c.utf8"

local M = {}

local TAIL_LINES, LIST_LINES, GAP_LINES, SHORT = 60, 30, 2, 24

-- Kinds in the order in which they are tried, with parts of lines that tell them.
local WORDING = {
  { "disclaimer", { "风险提示", "免责声明", "免责条款", "投资建议", "投资需谨慎", "据此投资", "责任自负", "仅供参考", "不代表本" } },
  { "copyright", { "版权声明", "版权归", "版权所有", "未经授权", "未经许可", "禁止转载", "不得转载", "转载请", "需转载", "all rights reserved" } },
  { "follow", { "扫码", "扫一扫", "二维码", "关注公众号", "公众号关注", "关注该公众号", "关注账号", "请关注", "点击关注", "点选关注", "点赞", "点亮星标", "阅读原文",
    "加微信", "微信扫", "知识星球", "入群", "商务合作", "约稿", "视频号", "更多精彩", "立即购买", "立即订阅", "包邮", "电子书", "留言区", "新书推荐" } },
}
-- Whole lines left over from a page's buttons.
local BUTTONS = {}
for word in ("视频 小程序 赞 在看 分享 留言 收藏 听过 取消 允许 分析 知道了 原创 听全文 展开全文 继续滑动看下一个 向上滑动看下一个 " ..
  "轻触阅读原文 预览时标签不可点 使用小程序 使用完整服务 ×"):gmatch("%S+") do BUTTONS[word] = true end
local LISTS = {}
for word in ("参考资料 参考文献 参考来源 参考链接 相关文章 相关阅读 相关新闻 更多阅读 延伸阅读 推荐阅读 往期推荐 热点视频 关联主题 提到的股票"):gmatch("%S+") do
  LISTS[word] = true
end

-- A line is folded and measured when it is first looked at; most lines of a long article never are.
local Line = {}
function Line.__index(line, key)
  if key == "folded" then line.folded = utf8c.fold(line.text)
  elseif key == "len" then line.len = utf8.len(line.text) or #line.text end
  return rawget(line, key)
end

local function lines_of(text)
  local list = {}
  for from, line, next_at in text:gmatch("()([^\n]+)()") do
    list[#list + 1] = setmetatable({ from = from, to = next_at - 1, text = line }, Line)
  end
  return list
end

local function ends_sentence(line)
  for _, mark in ipairs { "。", "！", "？", "。”", "。」", "！”", "？”" } do
    if line.text:sub(-#mark) == mark then return true end
  end
  return false
end

local function without_marks(s) return (s:gsub("[%p%s]+", ""):gsub("：", ""):gsub("，", ""):gsub("。", ""):gsub("　", "")) end

local function kind_of(line, is_last)
  local bare = without_marks(line.folded)
  if bare == "" or BUTTONS[bare] or line.folded:find("轻点两下", 1, true) then return "page" end
  if is_last and line.text:find("^[%w_%-]+$") and line.len <= 30 then return "link" end
  if line.len > 200 then return nil end
  for _, w in ipairs(WORDING) do
    for _, part in ipairs(w[2]) do
      if line.folded:find(part, 1, true) then return w[1] end
    end
  end
end

-- Kinds by line number for the run of telling lines at the end.
local function mark_tail(lines)
  local kinds, gap, last = {}, 0, nil
  for i = #lines, math.max(1, #lines - TAIL_LINES + 1), -1 do
    local kind = kind_of(lines[i], i == #lines)
    if kind then
      for k = i + 1, i + gap do kinds[k] = last or kind end
      kinds[i], last, gap = kind, kind, 0
    else
      gap = gap + 1
      if gap > GAP_LINES or lines[i].len > SHORT or ends_sentence(lines[i]) then break end
    end
  end
  return kinds
end

-- The first heading of a list from which on the text holds nothing but lines that are no sentences.
local function mark_list(lines, kinds)
  for i = #lines, math.max(1, #lines - LIST_LINES), -1 do
    if LISTS[without_marks(lines[i].folded)] then
      for k = i, #lines do kinds[k] = kinds[k] or "list" end
    elseif ends_sentence(lines[i]) and not kinds[i] then
      return
    end
  end
end

local function mark_head(lines, kinds)
  for i = 1, math.min(5, #lines) do
    if lines[i].text:find("^/[^/]+/$") or without_marks(lines[i].folded) == "原创" then kinds[i] = kinds[i] or "page" end
  end
end

local WORDED <const>, PER_PART <const> = 2, 60

--- Whether a passage says nothing but what disclaimers and the like say, wherever it stands: it has two of their phrases, and
--- one for every sixty characters.
---@param passage string
---@return boolean
function M.is_worded(passage)
  local folded, parts = utf8c.fold(passage), 0
  for _, w in ipairs(WORDING) do
    for _, part in ipairs(w[2]) do
      if folded:find(part, 1, true) then parts = parts + 1 end
    end
  end
  return parts >= WORDED and parts * PER_PART >= utf8c.len(folded)
end

--- The boilerplate of a text, in order, neighbouring lines of one kind joined.
---@param text string lines ended by "\n"
---@return {from: integer, to: integer, kind: "disclaimer"|"copyright"|"follow"|"list"|"link"|"page"}[]
function M.find(text)
  local lines, spans = lines_of(text), {}
  local kinds = mark_tail(lines)
  mark_list(lines, kinds)
  mark_head(lines, kinds)
  for i, line in ipairs(lines) do
    local last = spans[#spans]
    if kinds[i] and last and last.kind == kinds[i] and last.line == i - 1 then
      last.to, last.line = line.to, i
    elseif kinds[i] then
      spans[#spans + 1] = { from = line.from, to = line.to, kind = kinds[i], line = i }
    end
  end
  for _, s in ipairs(spans) do s.line = nil end
  return spans
end

return M
