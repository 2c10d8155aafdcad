-- quote_rules.lua: whether what stands in marks is said by somebody, and by whom.

local utf8c = require "ds.c.utf8"
local np_parser = require "ds.quote_np"
local words = require "ds.quote_words"

local M = {}

local function fold(s) return (utf8c.fold(s)) end

local function set_of(text)
  local set = {}
  for word in text:gmatch("%S+") do set[word] = true end
  return set
end

-- Verbs whose object is a clause: what follows them is reported.
local CLAUSAL = set_of [[
称 说 讲 表示 认为 指出 强调 透露 坦言 直言 宣称 声称 坚称 自称 表明 宣布 警告 提到 谈到 写到 解释 回应 承认 否认 重申 断言 预言 补充 介绍 告诉 告知
披露 爆料 感叹 感慨 抱怨 吐槽 调侃 质疑 指责 批评 报道 讲到 主张 呼吁 承诺 保证 提醒 建议 证实 确认 澄清 宣告 申明 声明 扬言 鼓吹 吹嘘 反驳 反问 追问
惊叹 看来 倡导 高喊 坦承 坦陈 明言 说明 预测 相信 觉得 猜测 判断 推测 预计 评价 评论 点评 写明 提出 谈及 提及 疾呼 回忆 总结 透漏 放话 喊话 发声 说过 认定
]]
-- Verbs of thinking and planning: they report, but what is quoted behind them is seldom theirs.
local THINKING = set_of "预测 相信 觉得 猜测 判断 推测 预计 预期 期待 看待 看作 同意 肯定 看好 欣赏 感谢 认可 推荐 反对 公布 宣布 宣告 发布 承诺 要求 好奇 怀疑 讯问 采访"
-- Verbs that give a name: 称…为“…”.
local NAMING = set_of "称 称为 称之为 称作 形容为 定义为 视为 描述为 看作 形容 号称 自称 自封 标榜 标榜为 归结 戏称 斥为 评价 评为"

local BLANK = { [0x20] = true, [0x0A] = true, [0x0D] = true, [0x09] = true }

local function ends_with(word, tails)
  for _, tail in ipairs(tails) do
    if word:sub(-#tail) == tail then return true end
  end
  return false
end

local SPEECH_TAIL = { "称", "道", "说", "言" }
local function is_clausal(verb) return CLAUSAL[verb.word] or ends_with(verb.word, SPEECH_TAIL) end

--- s without blanks at its end.  A pattern such as %s+$ would try every blank of the text before.
local function strip_end(s)
  local n = #s
  while n > 0 and BLANK[s:byte(n)] do n = n - 1 end
  return s:sub(1, n)
end

local function strip(s) return strip_end((s:gsub("^%s+", ""))) end

local COLON = { [":"] = true, ["："] = true }
local COMMA = { [","] = true, ["，"] = true }

-- What may stand between a verb and the mark: 说道：“, 点评一句“, 回复到“.
local GAP = set_of "道 说 到 了 过 着 出 为 成 作 是 一句 了一句 了句 一句话 说道 的是 自己 这样 如下 一声 如是 有 其"
GAP[""] = true

---@class ds.quote.context
---@field sentence integer
---@field begin integer where the narrator's sentence begins
---@field lead string what stands before the mark in it, without blanks at the end
---@field last string its last character
---@field after string what follows the closing mark
---@field inner string
---@field chars integer
---@field final boolean the quotation ends like a sentence
---@field spoken boolean it looks like speech by itself
---@field after_key string the beginning of `after`, folded
---@field lead_key string the end of `lead`, folded
---@field attributive boolean 的 follows it
---@field initial boolean? it begins its paragraph

local CLAUSE_MARKS = { "，", ",", "；", "。", "？", "！", "?", "!" }

local function clauses_in(s)
  local n = 0
  for _, mark in ipairs(CLAUSE_MARKS) do
    if s:find(mark, 1, true) then n = n + 1 end
  end
  return n
end

local AFTER_READ = 240 -- bytes
local KEY_BYTES = 30   -- of what stands next to the marks, folded
local LONG = 16 -- characters of a quotation that is no catchword

local function context(v, q)
  local c = { inner = v.text:sub(q.inner_from, q.inner_to), final = v:ends_sentence(q) }
  c.sentence, c.begin = v:begin_of(q)
  c.lead = strip_end(v.masked:sub(c.begin, q.from - 1))
  c.last = words.last_char(c.lead) or ""
  c.after = v.masked:sub(q.to + 1, math.min(select(3, v:sentence_at(q.to)), q.to + AFTER_READ)):gsub("^%s+", "")
  c.after_key, c.lead_key = fold(c.after:sub(1, KEY_BYTES)), fold(c.lead:sub(-KEY_BYTES))
  c.chars = utf8c.len(c.inner)
  if not c.inner:find("[\228-\233]") then -- Latin: about two letters to a Chinese character, and words
    c.chars = c.chars // 3
  end
  c.final = c.final and c.chars >= 3
  local tail = words.last_char(strip(c.inner)) or ""
  c.spoken = c.final or (COMMA[tail] and c.chars >= 4) or c.chars >= LONG or (clauses_in(c.inner) > 0 and c.chars >= 8)
  c.attributive = c.after:sub(1, 3) == "的" or c.after:sub(1, 3) == "之"
  return c
end

-- ------------------------------------------------------------------ cues

--- Whether a verb is used as a noun: 大众的批评, 一种批评.
local function is_noun(v, verb)
  local before = v.masked:sub(verb.from - 3, verb.from - 1)
  return (before == "的" or before == "种" or before == "種" or before == "之") and not ends_with(verb.word, SPEECH_TAIL)
end

--- Start of the clause that byte `pos` ends.
local function clause_start(v, begin, pos)
  local s, at = v.masked:sub(begin, pos - 1), begin
  for _, mark in ipairs { "，", ",", "；", "：", ":" } do
    local from = 1
    while true do
      local a, b = s:find(mark, from, true)
      if not a then break end
      if begin + b < pos and strip(s:sub(b + 1)) ~= "" then at = math.max(at, begin + b) end
      from = b + 1
    end
  end
  return at
end

--- The reporting verb right before the mark.
local function verb_before(v, q, c)
  local verbs = v:verbs_in(c.begin, q.from - 1)
  local verb = verbs[#verbs]
  if not verb then return nil end
  local gap = strip(v.masked:sub(verb.to + 1, q.from - 1))
  local mark = words.last_char(gap) or ""
  if COLON[mark] then
    -- 告诉记者：, 表达了担忧：
    local clause = clause_start(v, c.begin, q.from)
    if verb.from >= clause then return verb end
    return nil
  end
  if COMMA[mark] then gap = strip(gap:sub(1, -#mark - 1)) end
  if GAP[fold(gap)] then return verb end
end

--- X的看法是“…”, X的评价：“…”: the noun as cue, X as speaker.
local function noun_before(v, c, pos)
  local p = v:parse(c.sentence)
  for i = np_parser.index_at(p.items, pos - 1 - p.shift), 2, -1 do
    local item = p.items[i]
    local from = item.from + p.shift
    if from < c.begin then break end
    if words.said_noun[item.key] and p.items[i - 1].key == "的" then
      for _, np in ipairs(p.nps) do
        if np.to + p.shift < from and np.index == i - 2 then
          return np, { from = from, to = item.to + p.shift }
        end
      end
    end
  end
end

local function subject(v, verb, c) return v:subject(verb.from, c.begin) end

--- Somebody named right behind the quotation, with a verb: “…”，X 说.
local MAX_AFTER = 180 -- bytes
local function cue_after(v, q, c)
  local next_quote = v.quotes[q.index + 1]
  local _, _, to = v:sentence_at(q.to)
  if next_quote and next_quote.from > to then next_quote = nil end
  for _, verb in ipairs(v:verbs_in(q.to + 1, math.min(to, q.to + MAX_AFTER))) do
    if next_quote and verb.from > next_quote.from then return nil end
    local gap = next_quote and strip(v.masked:sub(verb.to + 1, next_quote.from - 1))
    local introduces = gap and (COLON[words.last_char(gap) or ""] or GAP[fold(gap)] or GAP[fold(gap:sub(1, -4))])
    local between = introduces and not COLON[words.last_char(gap) or ""] and not v.masked:sub(q.to + 1, verb.from):find("，", 1, true)
    if is_clausal(verb) and not (introduces and not c.initial and not between) and v.masked:sub(verb.to + 1, verb.to + 3) ~= "的" then
      local np, i = v:subject(verb.from, q.to + 1)
      if np and between then return np, verb, i, true end
      if np then
        local rest = strip(v.masked:sub(verb.to + 1, math.min(to, verb.to + 9)))
        return np, verb, i, rest == "" or rest == "。" or rest == "：" or rest == "。”"
      end
    end
  end
end

--- Whether a verb stands in a clause that modifies a noun: 一条称…的消息.
local function is_relative(v, verb)
  local before = v:item_before(verb.from)
  return before ~= nil and (before.pos == "q" or before.pos == "m")
end

--- A verb earlier in the sentence whose report the quotation is part of.
local function governor(v, q, c)
  local verbs = v:verbs_in(c.begin, q.from - 1)
  local clause = clause_start(v, c.begin, q.from)
  for i = #verbs, 1, -1 do
    local verb = verbs[i]
    local follows = v.masked:sub(verb.to + 1, verb.to + 3)
    local same = verb.from >= clause
    local fit = (is_clausal(verb) and not THINKING[verb.word]) or (same and not THINKING[verb.word])
    if fit and follows ~= "的" and not is_noun(v, verb) and not is_relative(v, verb) then
      local np, s = subject(v, verb, c)
      if np then return np, verb, s, same end
    end
  end
end

-- ------------------------------------------------------------------ who goes on speaking

local SENTENCES_BACK = 12
local MAIN = { person = true, latin = true, holder = true, body = true }

--- The last one who spoke before the sentence, in this paragraph or at the end of the one before.
local function carried(v, q, c, state)
  local para, from = v:paragraph_at(q.from)
  local fallback, fallback_at
  local k = c.sentence
  if c.begin <= v.sentences[2 * k - 1] then k = k - 1 end
  local last_looked_at = math.max(1, k - SENTENCES_BACK)
  while k >= last_looked_at and v.sentences[2 * k - 1] >= from do
    local begin, to = v.sentences[2 * k - 1], math.min(v.sentences[2 * k], q.from - 1)
    if state.last and state.last.at >= begin and state.last.at < q.from then return state.last.np, state.last.verb, true end
    local verbs = v:verbs_in(begin, to)
    for i = #verbs, 1, -1 do
      if is_noun(v, verbs[i]) then
        local np, noun = noun_before(v, { sentence = k, begin = begin }, verbs[i].to + 1)
        if np then return v:resolve(np, k, state.last), noun, true end
      elseif is_clausal(verbs[i]) then
        local np, s = v:subject(verbs[i].from)
        if np then return v:resolve(np, s, state.last), verbs[i], true end
      end
    end
    if not fallback then
      for _, np in ipairs(v:parse(k).nps) do
        if not np.weak and (MAIN[np.kind] or np.kind == "pronoun") and np.kind ~= "body" then
          fallback, fallback_at = np, k
          break
        end
      end
    end
    k = k - 1
  end
  if fallback then return v:resolve(fallback, fallback_at, state.last) end
  if state.last and para - v:paragraph_at(state.last.at) <= 1 then return state.last.np end
end

-- ------------------------------------------------------------------ what is no speech

-- Before or behind a title, a term, a name.
local SOURCE_BEFORE = { "据", "根据", "援引", "转引自" }
local TITLE_BEFORE = { "名为", "题为", "标题为", "代表作", "一书", "电影", "歌曲", "专栏", "栏目", "节目", "杂志", "书名", "短片", "纪录片", "小说", "著作", "撰文", "文章" }
local TITLE_AFTER = { "一书", "一文", "一片", "一曲", "一剧", "专栏", "栏目", "节目", "杂志", "这本书", "这篇文章", "这部" }
local TERM_BEFORE = { "所谓", "所谓的", "号称", "堪称", "被称为", "被称作", "誉为", "被誉为", "名为", "绰号", "昵称", "外号", "人称", "俗称", "简称", "又称", "即", "叫做", "叫作", "冠以", "代号" }
local TERM_AFTER = { "一词", "二字", "两字", "三字", "四字", "四个字", "字样", "标签", "称号", "之称", "之名", "之一", "之类", "们", "式", "型", "级", "化", "者", "计划", "模式", "项目", "工程", "协议", "战略" }

local function begins_with(s, list)
  for _, head in ipairs(list) do
    if s:sub(1, #head) == head then return true end
  end
  return false
end

--- How often the article puts these words in marks.
local function times_quoted(v, inner)
  if not v.quoted then
    v.quoted = {}
    for _, q in ipairs(v.quotes) do
      local words_in = v.text:sub(q.inner_from, q.inner_to)
      v.quoted[words_in] = (v.quoted[words_in] or 0) + 1
    end
  end
  return v.quoted[inner] or 0
end

--- Whether the words are a predicate (做小范围清理) and not a name.
local function is_predicate(v, inner)
  local _, items = v.parser:phrases(inner)
  for i = 1, math.min(#items, 2) do
    local pos = items[i].pos
    if pos:find("^v") and pos ~= "vn" or pos == "d" or pos == "r" or pos == "p" then return true end
  end
  return false
end

local function unsaid(c)
  if begins_with(c.after_key, TITLE_AFTER) or ends_with(c.lead_key, TITLE_BEFORE) then return "title" end
  if c.chars > LONG * 3 then return "none" end
  return "scare"
end

-- ------------------------------------------------------------------ the judgement

local TERM = 3 -- a catchword quoted so often in one article is a term of it

local function speak(v, state, q, np, verb, sentence)
  if np then
    np = v:resolve(np, sentence, state.last)
    state.last = { np = np, at = q.from, verb = verb }
  end
  return "direct", np, verb
end

--- “A”、“B”: the second goes with the first.
local function chained(v, q)
  local before = v.quotes[q.index - 1]
  if not before or not before.judged then return nil end
  local gap = strip(v.masked:sub(before.to + 1, q.from - 1))
  if gap == "" or gap == "、" or gap == "和" or gap == "与" or gap == "與" or gap == "及" or gap == "或" or gap == "，" or gap == "," then return before end
end

local POST = { "为由", "为名", "写在", "写进", "写入", "挂在嘴边" }

--- 以“…”为由, 将“…”写在 …
local function post_cue(v, q, c)
  for _, tail in ipairs(POST) do
    if c.after_key:sub(1, #tail) == tail then
      local np, s = v:subject(q.from, c.begin)
      local from = v.masked:find("%S", q.to + 1)
      return np, { from = from, to = from + #tail - 1 }, s
    end
  end
end

--- 想着“…”的X, 高喊“…”的X: the noun behind is the speaker.
local function noun_behind(v, q, c)
  if not c.attributive then return nil end
  local i = v:sentence_at(q.to)
  local p = v:parse(i)
  local at = v.masked:find("%S", q.to + 1) + 3
  for _, np in ipairs(p.nps) do
    if np.from + p.shift == at and (np.kind == "person" or np.kind == "holder") then return np, i end
  end
end

local SAY_BEFORE = { "想着", "高呼", "高喊", "喊着", "说着", "大喊", "信奉", "坚信", "宣称", "声称", "自称", "认为", "主张" }

local function introduced(v, q, c, state)
  local verb = verb_before(v, q, c)
  if verb and is_noun(v, verb) then verb = nil end
  if verb and v.masked:sub(verb.to + 1, verb.to + 3) == "的" then return nil end
  if verb then
    if not c.spoken and NAMING[verb.word] then
      local clause = v.masked:sub(clause_start(v, c.begin, q.from), verb.from - 1)
      if clause:find("被", 1, true) or clause:find("遭", 1, true) then return "scare" end
    end
    if not c.spoken and (THINKING[verb.word] or (c.attributive and not is_clausal(verb))) then return nil end
    if not c.spoken and not COLON[c.last] and times_quoted(v, c.inner) >= TERM then return nil end
    local np, s = subject(v, verb, c)
    if not np then
      local who = carried(v, q, c, state)
      return speak(v, state, q, who, verb, c.sentence)
    end
    return speak(v, state, q, np, verb, s)
  end
  local np, noun = noun_before(v, c, q.from)
  if np and (COLON[c.last] or c.spoken) then return speak(v, state, q, np, noun, c.sentence) end
  if c.lead == "" and q.from <= select(2, v:paragraph_at(q.from)) then
    local para = v:paragraph_at(q.from)
    local to = v.paragraphs[2 * para - 2]
    if to and COLON[words.last_char(v.masked:sub(math.max(1, to - 2), to)) or ""] then
      local who, cue = M.introducer(v, to)
      if who then return speak(v, state, q, who, cue, c.sentence) end
    end
  end
  if COLON[c.last] and c.spoken then
    local s
    np, s = v:subject(q.from, c.begin)
    if np then return speak(v, state, q, np, nil, s) end
  end
end

--- X宣称的“…”
local function said_by(v, q, c, state)
  if c.last ~= "的" or c.chars < 10 then return nil end
  local verbs = v:verbs_in(c.begin, q.from - 1)
  local verb = verbs[#verbs]
  if verb and strip(v.masked:sub(verb.to + 1, q.from - 1)) == "的" then
    local np, s = subject(v, verb, c)
    local i = v:sentence_at(verb.from)
    local p = v:parse(i)
    for _, near in ipairs(p.nps) do
      if near.to + p.shift + 1 == verb.from then np, s = near, i end
    end
    if np then return speak(v, state, q, np, verb, s) end
  end
end

--- “…” and a line below it: ——姓名
local function signature(v, q, c)
  if c.after ~= "" then return nil end
  local para = v:paragraph_at(q.from)
  local from, to = v.paragraphs[2 * para + 1], v.paragraphs[2 * para + 2]
  if not from or to - from > 120 then return nil end
  local dash = v.masked:sub(from, from + 2)
  if dash ~= "—" and dash ~= "―" and dash ~= "－" and dash:sub(1, 2) ~= "--" then return nil end
  local i = v:sentence_at(from)
  for _, np in ipairs(v:parse(i).nps) do
    if np.kind ~= "document" and np.kind ~= "pronoun" then return np, i end
  end
end

local function spoken_alone(v, q, c, state)
  if c.attributive then return nil end
  local signed, at = signature(v, q, c)
  if signed then return speak(v, state, q, signed, nil, at) end
  local initial = strip(c.lead) == ""
  c.initial = initial and q.from <= select(2, v:paragraph_at(q.from)) + 3
  if initial then
    local np, verb, s, closing = cue_after(v, q, c)
    if np and (c.initial or closing or not state.last) then return speak(v, state, q, np, verb, s) end
  end
  local np, verb, s = governor(v, q, c)
  if np then return speak(v, state, q, np, verb, s) end
  if not initial then
    np, s = v:subject(q.from, c.begin)
    if np and np.kind ~= "document" then return speak(v, state, q, np, nil, s) end
  end
  np, verb, s = cue_after(v, q, c)
  if np and COMMA[words.first_char(c.after) or ""] then return speak(v, state, q, np, verb, s) end
  local who, carried_verb, sure = carried(v, q, c, state)
  if who and sure then return speak(v, state, q, who, carried_verb, c.sentence) end
  if np then return speak(v, state, q, np, verb, s) end
  if who then return speak(v, state, q, who, carried_verb, c.sentence) end
  if c.final or c.chars >= LONG then return "direct" end
end

local function fragment(v, q, c, state)
  local np, verb, s, same = governor(v, q, c)
  if not np then return nil end
  if begins_with(c.after_key, TERM_AFTER) or ends_with(c.lead_key, TERM_BEFORE) then return nil end
  if times_quoted(v, c.inner) >= TERM then return nil end
  if c.attributive and not is_predicate(v, c.inner) then return nil end
  if not same and not is_clausal(verb) then return nil end
  return speak(v, state, q, np, verb, s)
end

--- Type, speaker and cue of a quotation.
---@param v ds.quote.view
---@param q ds.quotation
---@param state {last: {np: ds.quote.np, at: integer}?}
---@return string type
---@return ds.quote.np? speaker
---@return {from: integer, to: integer}? cue
function M.judge(v, q, state)
  local c = context(v, q)
  local function done(type, np, verb)
    q.judged = { type = type, np = np, verb = verb }
    return type, np, verb
  end
  local _, para_from, para_to = v:paragraph_at(q.from)
  if COLON[words.first_char(c.after) or ""] and q.from == para_from then return done("none") end
  if ends_with(c.lead_key, SOURCE_BEFORE) then return done("none") end
  if q.from == para_from and q.to == para_to and not c.final then return done("none") end
  local before = chained(v, q)
  if before and before.judged.type ~= "direct" and not c.final then return done(before.judged.type) end
  if before and before.judged.np and not c.final then return done(before.judged.type, before.judged.np, before.judged.verb) end
  local type, np, verb = introduced(v, q, c, state)
  if type then return done(type, np, verb) end
  if begins_with(c.after_key, TITLE_AFTER) or ends_with(c.lead_key, TITLE_BEFORE) then return done("title") end
  type, np, verb = said_by(v, q, c, state)
  if type then return done(type, np, verb) end
  local who, cue, s = post_cue(v, q, c)
  if who then return done(speak(v, state, q, who, cue, s)) end
  if ends_with(c.lead_key, SAY_BEFORE) then
    who, s = noun_behind(v, q, c)
    if who then return done(speak(v, state, q, who, nil, s)) end
  end
  if c.spoken then
    type, np, verb = spoken_alone(v, q, c, state)
  else
    type, np, verb = fragment(v, q, c, state)
  end
  if type then return done(type, np, verb) end
  return done(unsaid(c))
end

local NESTED_CUE = { "说", "說", "道", "称", "稱", "问", "問", "表示", "喊", "答" }

--- A quotation inside another: said when a verb or a colon introduces it, else a catchword.
function M.nested(v, q)
  local lead = strip(v.text:sub(math.max(1, q.from - 30), q.from - 1))
  local mark = words.last_char(lead) or ""
  local bare = (COLON[mark] or COMMA[mark]) and lead:sub(1, -#mark - 1) or lead
  if bare ~= lead and ends_with(bare, NESTED_CUE) then return "direct" end
  return q.inner_to - q.inner_from < 3 * LONG and "scare" or "none"
end

--- Speaker and cue of the sentence that ends a paragraph with a colon.
---@param v ds.quote.view
---@param to integer last byte of the paragraph
---@return ds.quote.np?
---@return {from: integer, to: integer}?
function M.introducer(v, to)
  local i, from = v:sentence_at(to)
  local verbs = v:verbs_in(from, to)
  local verb = verbs[#verbs]
  if verb and is_clausal(verb) or verb and (verb.kind == "praise" or verb.kind == "blame") then
    local np, s = v:subject(verb.from)
    if np then return v:resolve(np, s), verb end
  end
  local np, noun = noun_before(v, { sentence = i, begin = from }, to)
  if np then return v:resolve(np, i), noun end
end

-- ------------------------------------------------------------------ reported speech

-- Verbs that also take nouns: they report where a comma or a colon follows.
local WITH_NOUN = set_of [[
提出 提及 谈及 提到 谈到 介绍 回应 发声 点评 评论 评价 批评 说明 判断 预测 告诉 告知 否认 承诺 说过 披露 倡导 主张 呼吁 指责 质疑 抱怨 吐槽 调侃 反驳 警告
总结 声明 报道 爆料 喊话 讲到 写到 相信 觉得 猜测 推测 回忆 证实 确认 保证 鼓吹 吹嘘 高喊 疾呼 放话 补充 提醒 申明 宣布 宣告 惊叹 认定 自称
]]
-- … and those of them whose object is mostly a clause all the same.
local OFTEN_CLAUSE = set_of "宣布 承诺 预测 证实 确认 保证 提到 提醒 补充 否认 主张 呼吁 相信 觉得 自称 报道 警告"

local OPENING = { "“", "「", "『", "\"", "‘", "'" }
local REPORT_MIN = 12 -- bytes

local function first_byte(v, from)
  local at = v.masked:find("%S", from) or from
  local char = v.masked:match("^[%z\1-\127\194-\244][\128-\191]*", at)
  if COMMA[char] or COLON[char] then return v.masked:find("%S", at + #char) or at + #char, true end
  return at, false
end

--- Where the report of a verb begins, nil when none follows.
local function report_start(v, verb, to)
  local from, paused = first_byte(v, verb.to + 1)
  if verb.word == "告诉" or verb.word == "告知" then -- 告诉记者，
    local comma = v.masked:find("，", from, true) or v.masked:find(",", from, true)
    if not comma or comma - from > 40 then return nil end
    from, paused = first_byte(v, comma)
  end
  local follows = v.masked:sub(from, from + 2)
  if not paused and (follows == "的" or follows == "了" or follows == "过" or follows == "過" or follows == "、") then return nil end
  if not paused and WITH_NOUN[verb.word] and not OFTEN_CLAUSE[verb.word] then return nil end
  if begins_with(v.masked:sub(from, from + 2), OPENING) or to - from + 1 < REPORT_MIN then return nil end
  return from
end

local DENIED = { "没有", "沒有", "尚未", "并未", "並未", "拒绝", "拒絕", "从未", "從未" }
-- 没有回应，…: nothing is reported.
local function is_denied(v, verb)
  local lead = v.masked:sub(math.max(1, verb.from - 6), verb.from - 1)
  for _, word in ipairs(DENIED) do
    if lead == word then return true end
  end
  return false
end

local function is_passive(v, verb)
  local lead = v.masked:sub(math.max(1, verb.from - 3), verb.from - 1)
  return lead == "被" or lead == "受" or lead == "遭"
end

--- Verbs that bring in a quotation that reads like speech: their reports are these.
local function introducing_verbs(v)
  local used = {}
  for _, q in ipairs(v.quotes) do
    local j = q.judged
    if j and j.verb and j.type == "direct" and v:ends_sentence(q) then used[j.verb.from] = q end
  end
  return used
end

--- Ends a report where the sentence goes on to the next speaker.
local function cut_before(v, report, np_from)
  local start = clause_start(v, report.from, np_from + 1)
  if start > report.from and start - report.from >= REPORT_MIN then report.to = start - 1 end
end

--- What a reporting verb reports without marks, to the end of its sentence or to the next speaker in it.
---@param v ds.quote.view
---@return {from: integer, to: integer, speaker: ds.quote.np, cue: table}[]
function M.indirect(v)
  local out, last, used = {}, nil, introducing_verbs(v)
  for _, verb in ipairs(v.verbs) do
    local i, _, to = v:sentence_at(verb.from)
    if last and last.sentence ~= i then last = nil end
    if used[verb.from] then
      if last and used[verb.from].from > verb.from then cut_before(v, last, verb.from) end
    elseif is_clausal(verb) and not is_noun(v, verb) and not is_passive(v, verb) and not is_denied(v, verb) then
      local from = report_start(v, verb, to)
      local np, s, same = nil, nil, nil
      if from and v:is_word(verb) and not is_relative(v, verb) then np, s, same = v:subject(verb.from) end
      local paper = from and not same and words.document[verb.word:sub(1, 6)] and #verb.word > 6
      if paper then -- 报告称，…: the paper itself, when nobody stands before it in the clause
        last = { from = from, to = to, speaker = { text = v.text:sub(verb.from, verb.from + 5) }, cue = verb, sentence = i }
        out[#out + 1] = last
      elseif np and not np.weak and (same or not last) and not (np.kind == "pronoun" and words.author[np.text]) then
        if last then cut_before(v, last, np.start + v.sentences[2 * s - 1] - 1) end
        last = { from = from, to = to, speaker = v:resolve(np, s), cue = verb, sentence = i }
        out[#out + 1] = last
      end
    end
  end
  return out
end

return M
