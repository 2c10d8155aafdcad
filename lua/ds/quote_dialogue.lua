-- quote_dialogue.lua: speech without marks: turns that begin with 姓名：, and paragraphs that a colon introduces.

local utf8c = require "ds.c.utf8"

local M = {}

local LABEL_MAX = 48 -- bytes
local TEXT_MIN = 9   -- bytes

-- Labels of page furniture and lists, not of speakers: the endings.
local NO_SPEAKER = {}
for word in ([[来源 作者 编辑 责编 校对 审核 监制 图 图注 图源 注 时间 地点 日期 标题 链接 文 摘要 导读 关键词 风险提示 声明 参考资料 资料 备注 提示 电话 邮箱 地址
编译 撰文 版权 出品 策划 原文 更新 总结 结论 第一 第二 第三 首先 其次 最后 例如 比如 其中 分别 如下 包括 主题 内容 背景 原因 目的 方法 结果 优点 缺点 价格 售价 功能
特点 亮点 核心 数据 概念 定义 步骤 建议 观点 摄影 设计 排版 统筹 公众号 微信 微博]]):gmatch("%S+") do NO_SPEAKER[word] = true end

local NOT_IN_LABEL = { "，", "。", "！", "？", "；", "、", "《", "》", "http" }
local LABEL_MARKS = { "“", "”", "「", "」", "『", "』", "\"", "【", "】", "[", "]", "*" }

--- A label without marks and brackets.
local function bare_label(label)
  for _, mark in ipairs(LABEL_MARKS) do
    local at = label:find(mark, 1, true)
    while at do
      label = label:sub(1, at - 1) .. label:sub(at + #mark)
      at = label:find(mark, at, true)
    end
  end
  label = label:gsub("（.-）", ""):gsub("%(.-%)", "")
  return (label:gsub("^[%s%-]+", ""):gsub("%s+$", ""))
end

local function is_speaker_label(label)
  local key = utf8c.fold(label)
  if #key == 0 or #label > LABEL_MAX then return false end
  if key:find("[%d,%?!/;|]") then return false end
  for _, mark in ipairs(NOT_IN_LABEL) do
    if key:find(mark, 1, true) then return false end
  end
  for n = 6, 12, 3 do
    if NO_SPEAKER[key:sub(-n)] then return false end
  end
  return not NO_SPEAKER[key]
end

--- The label of a paragraph: its text, and where the turn begins.
local function label_of(text, from, to)
  local head = text:sub(from, math.min(to, from + LABEL_MAX + 12))
  local at, stop = head:find("：", 1, true)
  local at2, stop2 = head:find(":", 1, true)
  if at2 and (not at or at2 < at) then at, stop = at2, stop2 end
  if not at or at == 1 then return nil end
  local bare = bare_label(head:sub(1, at - 1))
  if not is_speaker_label(bare) then return nil end
  local start = from + stop
  while start <= to and text:find("^%s", start) do start = start + 1 end
  if to - start + 1 < TEXT_MIN then return nil end
  return bare, start
end

local SENTENCE_END = { "。", "！", "？", "!", "?", "…", "”", "」", "." }

local function ends_like_speech(text, to)
  for _, mark in ipairs(SENTENCE_END) do
    if text:sub(to - #mark + 1, to) == mark then return true end
  end
  return false
end

local QUESTIONER = { ["问"] = true, ["答"] = true, q = true, a = true, ["记者"] = true, ["主持人"] = true }

--- Turns of conversations: paragraphs that begin with a label, at least two speakers in turn, one of them twice or both
--- known as speakers.
---@param text string
---@param paragraphs integer[] flat list of from, to
---@return {from: integer, to: integer, speaker: string, start: integer}[] start: where the paragraph begins
function M.turns(text, paragraphs)
  local found, count, distinct = {}, {}, 0
  if not text:find("[:：]") then return found end
  for i = 1, #paragraphs, 2 do
    local from, to = paragraphs[i], paragraphs[i + 1]
    local label, start = label_of(text, from, to)
    if label and ends_like_speech(text, to) then
      found[#found + 1] = { from = start, to = to, speaker = label, start = from, para = (i + 1) // 2 }
      if not count[label] then distinct = distinct + 1 end
      count[label] = (count[label] or 0) + 1
    end
  end
  local out = {}
  for i, turn in ipairs(found) do
    local before, after = found[i - 1], found[i + 1]
    local other = (before and before.speaker ~= turn.speaker and turn.para - before.para <= 6 and before)
      or (after and after.speaker ~= turn.speaker and after.para - turn.para <= 6 and after)
    local asked = other and (QUESTIONER[utf8c.fold(turn.speaker)] or QUESTIONER[utf8c.fold(other.speaker)])
    if other and distinct >= 2 and (asked or (count[turn.speaker] >= 2 and count[other.speaker] >= 2)) then out[#out + 1] = turn end
  end
  return out
end

local OPENING = { "“", "「", "『", "\"", "‘", "'", "＂" }

--- Whether a paragraph ends with a colon and the next one is not in quotation marks.
---@param text string
---@param paragraphs integer[]
---@param i integer number of the paragraph
---@return integer? from
---@return integer? to of the next paragraph
function M.introduces(text, paragraphs, i)
  local to = paragraphs[2 * i]
  if text:sub(to, to) ~= ":" and text:sub(to - 2, to) ~= "：" then return nil end
  local from, last = paragraphs[2 * i + 1], paragraphs[2 * i + 2]
  if not from or last - from + 1 < TEXT_MIN then return nil end
  for _, mark in ipairs(OPENING) do
    if text:sub(from, from + #mark - 1) == mark then return nil end
  end
  return from, last
end

return M
