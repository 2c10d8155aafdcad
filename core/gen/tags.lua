-- tags.lua DICT MODEL WORDS PAIRS OUT: what core/gen/mklexicon.c needs to tell parts of speech apart by their neighbours.
--
-- DICT is jieba's dict.txt, MODEL the directory with its hidden Markov model for parts of speech (prob_*.py: states are
-- a character's place in its word, B M E S, and the word's tag); WORDS and PAIRS are our own tables beside this file.
-- Writes lines of fields separated by blanks, costs in SCALE-ths of a bit:
--   word WORD TAG COST ...     -log2 of each tag's share, the most frequent first, at most TAGS_MAX
--   pair TAG TAG COST          how much rarer or more frequent than by chance the second tag follows the first
--
-- jieba's model was trained on text in which every word had one tag, so it knows which tags follow each other but not
-- which words have several.  Those are the closed list WORDS, and every verb, verbal noun and adjective of two
-- characters, whose shares are a rule's, moved a little by how well the characters fit each tag.
local dict_path, model_dir, words_path, pairs_path, out_path = table.unpack(arg)
local SCALE = 16
local TAGS_MAX = 4
local STEP = 4 -- shares of the rule are rounded to this cost, so that few different lists arise
local RAREST = 1e-6 -- share of a pair that the model does not have
local PAIR_MIN, PAIR_MAX = -8 * SCALE, 8 * SCALE - 1

local function die(format, ...)
  io.stderr:write("core/gen/tags.lua: ", format:format(...), "\n")
  os.exit(1)
end

if not out_path then die("usage: tags.lua DICT MODEL WORDS PAIRS OUT") end

local function read(path)
  local f = io.open(path, "rb")
  if not f then die("%s cannot be read; jieba's files are in Debian's package `python3-jieba`", path) end
  local s = f:read("a")
  f:close()
  return s
end

local function bits(p) return -math.log(p, 2) end

-- ---- jieba's model ----

local unescape = setmetatable({}, { __index = function(t, s)
  t[s] = s:gsub("\\u(%x%x%x%x)", function(hex) return utf8.char(tonumber(hex, 16)) end)
  return t[s]
end })

local IMPOSSIBLE = -1e50 -- jieba writes -3.14e+100 for a probability of 0

-- {[state] = {[key] = p}} of a file of the form P={('B', 'a'): {KEY: LOG, ...}, ...}; states are written "B a".
local function read_rows(path, key_pattern)
  local rows = {}
  for place, tag, body in read(path):gmatch("%('([BMES])', '(%l+)'%): {(.-)}") do
    local row = {}
    for a, b, log in body:gmatch(key_pattern) do
      if not log then a, log = unescape[a], b else a = a .. " " .. b end
      if tonumber(log) > IMPOSSIBLE then row[a] = math.exp(tonumber(log)) end
    end
    rows[place .. " " .. tag] = row
  end
  if not next(rows) then die("%s has no line that looks like jieba's model", path) end
  return rows
end

local function read_start(path)
  local start = {}
  for place, tag, log in read(path):gmatch("%('([BMES])', '(%l+)'%): (%-?[%d.e+]+)") do
    if tonumber(log) > IMPOSSIBLE then start[place .. " " .. tag] = math.exp(tonumber(log)) end
  end
  return start
end

local trans = read_rows(model_dir .. "/prob_trans.py", "%('([BMES])', '(%l+)'%): (%-?[%d.e+-]+)")
local emit = read_rows(model_dir .. "/prob_emit.py", "'([^']+)': (%-?[%d.e+-]+)")
local start = read_start(model_dir .. "/prob_start.py")

local function sorted_keys(t)
  local keys = {}
  for k in pairs(t) do keys[#keys + 1] = k end
  table.sort(keys)
  return keys
end

-- How often the chain is in each state, in the long run.
local function stationary()
  local now = start
  local states = sorted_keys(trans)
  for _ = 1, 100 do
    local next_ = {}
    for _, s in ipairs(states) do
      local p = now[s] or 0
      if p > 0 then
        for _, t in ipairs(sorted_keys(trans[s])) do next_[t] = (next_[t] or 0) + p * trans[s][t] end
      end
    end
    now = next_
  end
  return now
end

local share = stationary()

-- pair[a][b]: share of tag b after tag a; tag_share[b].  "." is the beginning.
local function tag_pairs()
  local pair, tag_share, from = { ["."] = {} }, {}, {}
  for _, s in ipairs(sorted_keys(start)) do
    local tag = s:sub(3)
    pair["."][tag] = (pair["."][tag] or 0) + start[s]
  end
  from["."] = 1
  for _, s in ipairs(sorted_keys(trans)) do
    local a, p = s:sub(3), share[s] or 0
    if s:match("^[ES]") and p > 0 then
      from[a] = (from[a] or 0) + p
      pair[a] = pair[a] or {}
      for _, t in ipairs(sorted_keys(trans[s])) do
        local b = t:sub(3)
        pair[a][b] = (pair[a][b] or 0) + p * trans[s][t]
      end
    end
    if s:match("^[BS]") and p > 0 then tag_share[s:sub(3)] = (tag_share[s:sub(3)] or 0) + p end
  end
  local total = 0
  for _, tag in ipairs(sorted_keys(tag_share)) do total = total + tag_share[tag] end
  for tag, p in pairs(tag_share) do tag_share[tag] = p / total end
  for a, row in pairs(pair) do
    for b, p in pairs(row) do row[b] = p / from[a] end
  end
  return pair, tag_share
end

local pair, tag_share = tag_pairs()

-- ---- our tables ----

-- Calls fn(fields, where) for each line that is no comment.
local function each_line(path, fn)
  local n = 0
  for line in read(path):gmatch("[^\n]*") do
    n = n + 1
    if line ~= "" and line:sub(1, 1) ~= "#" then
      local fields = {}
      for field in line:gmatch("[^\t]+") do fields[#fields + 1] = field end
      fn(fields, path .. ":" .. n)
    end
  end
end

local extra = {} -- bits, by "a b"
each_line(pairs_path, function(f, where)
  local value = tonumber(f[3])
  if #f ~= 3 or not value then die("%s: a line is tag, tag, bits", where) end
  extra[f[1] .. " " .. f[2]] = value
end)

local listed = {} -- word -> { {tag, share} ... }
each_line(words_path, function(f, where)
  local tags = {}
  for tag, percent in (#f == 2 and f[1] or ""):gmatch("(%l+)=(%d+)") do tags[#tags + 1] = { tag, tonumber(percent) / 100 } end
  if #tags == 0 or #tags > TAGS_MAX then die("%s: a line is `tag=percent ...` (up to %d), a TAB, words", where, TAGS_MAX) end
  for word in f[2]:gmatch("%S+") do
    if listed[word] then die("%s: %s stands in another line too", where, word) end
    listed[word] = tags
  end
end)

-- ---- words by rule ----

-- What the dictionary's tag makes likely in a word of two characters.
local by_rule = {
  v = { { "v", 0.86 }, { "vn", 0.14 } },
  vn = { { "vn", 0.55 }, { "v", 0.45 } },
  a = { { "a", 0.88 }, { "ad", 0.08 }, { "an", 0.04 } },
  ad = { { "ad", 0.6 }, { "a", 0.4 } },
  an = { { "an", 0.6 }, { "a", 0.4 } },
}
local WEIGHT, LIMIT = 0.25, 1.5 -- of the characters, in bits
local FLOOR = 1e-7 -- of a character that the model did not see there

local function fit(first, second, tag)
  local b, e = emit["B " .. tag] or {}, emit["E " .. tag] or {}
  return math.log(math.max(b[first] or 0, FLOOR), 2) + math.log(math.max(e[second] or 0, FLOOR), 2)
end

local function rule_tags(word, tag)
  local rule = by_rule[tag]
  if not rule or utf8.len(word) ~= 2 then return nil end
  local second_at = utf8.offset(word, 2)
  local first, second = word:sub(1, second_at - 1), word:sub(second_at)
  local own, tags, sum = fit(first, second, tag), {}, 0
  for _, t in ipairs(rule) do
    local shift = math.max(-LIMIT, math.min(LIMIT, (fit(first, second, t[1]) - own) * WEIGHT))
    tags[#tags + 1] = { t[1], t[2] * 2 ^ shift }
    sum = sum + tags[#tags][2]
  end
  for _, t in ipairs(tags) do t[2] = t[2] / sum end
  return tags, STEP
end

-- ---- writing ----

local function by_share(a, b)
  if a[2] ~= b[2] then return a[2] > b[2] end
  return a[1] < b[1]
end

local out, msg = io.open(out_path .. ".part", "wb")
if not out then die("%s", msg) end

local used = { ["."] = true } -- tags that some word has

local function write_word(word, list, step)
  local parts = {}
  table.sort(list, by_share)
  for i, t in ipairs(list) do
    used[t[1]] = true
    parts[i] = ("%s %d"):format(t[1], math.floor(bits(t[2]) * SCALE / step + 0.5) * step)
  end
  out:write("word ", word, " ", table.concat(parts, " "), "\n")
end

local met = {}
for line in read(dict_path):gmatch("[^\r\n]+") do
  local word, tag = line:match("^(.+) %d+ (%l+)$")
  if word then used[tag] = true end
  if word and listed[word] then
    met[word] = true
    write_word(word, listed[word], 1)
  elseif word and utf8.len(word) then
    local list, step = rule_tags(word, tag)
    if list then write_word(word, list, step) end
  end
end
for _, word in ipairs(sorted_keys(listed)) do
  if not met[word] then die("%s: %s is not in %s", words_path, word, dict_path) end
end

local tags = sorted_keys(used)
for _, a in ipairs(tags) do
  for _, b in ipairs(tags) do
    local p, by_chance = (pair[a] or {})[b] or 0, tag_share[b]
    local cost = extra[a .. " " .. b] or 0
    if by_chance then cost = cost + bits(math.max(p, RAREST) / by_chance) end
    cost = math.floor(cost * SCALE + 0.5)
    out:write(("pair %s %s %d\n"):format(a, b, math.max(PAIR_MIN, math.min(PAIR_MAX, cost))))
  end
end
if not out:close() then die("cannot write %s", out_path) end
assert(os.rename(out_path .. ".part", out_path))
