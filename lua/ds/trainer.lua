-- trainer.lua: ds.trainer{…}, which learns a standard of words from gold; core/train.h tells how.
local names = require "ds.names"
local paths = require "ds.paths"
local progress = require "ds.progress"
local sys = require "ds.c.sys"
local train = require "ds.c.train"

local DEFAULT = { seed = 1, least = 2, rounds = 10 }

---@class ds.trainer
---@field _t table the trainer in C
---@field _rounds integer
local Trainer = { __name = "ds.trainer" }
Trainer.__index = Trainer

---@class ds.trainer.score
---@field gold integer words of the gold
---@field ours integer words that the segmenter makes of its text
---@field right integer words that are in both
---@field precision number
---@field recall number
---@field f1 number

local function score(gold, ours, right)
  local function share(n, of) return of > 0 and n / of or 0 end
  return { gold = gold, ours = ours, right = right, precision = share(right, ours), recall = share(right, gold),
           f1 = share(2 * right, gold + ours) }
end

--- Takes a line of gold: words separated by blanks.
---@param line string
---@return true? ok
---@return string? message
---@return table? detail byte of the line
function Trainer:add(line) return self._t:add(line) end

-- The words of CoNLL-U: one line for each, the word in the second column; a number like 3-4 stands before the parts of a
-- word, 3.1 is no word of the text.
local function conllu_words(lines, add)
  local words, first, last, upto = {}, nil, nil, 0
  local function flush()
    if #words > 0 then add(table.concat(words, " "), first) end
    words, upto = {}, 0
  end
  for n, line in lines do
    local id, word = line:match("^(%d[%d%-%.]*)\t([^\t]+)\t")
    local from, to = (id or ""):match("^(%d+)%-(%d+)$")
    if line:find("^%s*$") then flush()
    elseif id and not id:find(".", 1, true) and (from or tonumber(id) > upto) then
      if #words == 0 then first = n end
      words[#words + 1] = word:gsub(" ", ""):gsub("\u{3000}", "")
      upto = from and tonumber(to) or upto
    elseif not id and not line:find("^#") then
      add(nil, n, "no line of CoNLL-U: a number, a TAB and a word are wanted")
    end
    last = n
  end
  flush()
  return last
end

local function plain_lines(lines, add)
  for n, line in lines do add(line, n) end
end

local function number_lines(text)
  local at, n = 1, 0
  return function()
    if at > #text then return nil end
    local stop = text:find("\n", at, true) or #text + 1
    local line = text:sub(at, stop - 1):gsub("\r$", "")
    at, n = stop + 1, n + 1
    return n, line
  end
end

--- Takes a file of gold: a line a sentence, its words separated by blanks; or CoNLL-U, when its name ends in .conllu.
--- Lines that cannot be taken are left out.
---@param path string
---@param bad? fun(message: string, line: integer) is told of them, "path:line: reason"
---@return integer? lines how many were taken
---@return string? message
function Trainer:add_file(path, bad)
  local text, message = sys.read_file(path)
  if not text then return nil, message end
  local before = self._t:lines()
  if text:sub(1, 3) == "\xEF\xBB\xBF" then text = text:sub(4) end
  local read = path:find("%.conllu$") and conllu_words or plain_lines
  read(number_lines(text), function(line, n, problem)
    local ok, detail = line, nil
    if line then ok, problem, detail = self._t:add(line) end
    if not ok and bad then
      local byte = detail and detail.byte
      bad(("%s:%d: %s%s"):format(path, n, problem, byte and byte > 1 and (" (byte %d)"):format(byte) or ""), n)
    end
  end)
  return self._t:lines() - before
end

---@return integer
function Trainer:lines() return self._t:lines() end
---@return integer
function Trainer:words() return self._t:words() end

--- The style that is nearest to the gold; the model corrects its words.
---@return "news"|"ud"|"fine"
function Trainer:style() return self._t:style() end

--- How near the default mode comes in a style, the nearest one unless told.
---@param style? "news"|"ud"|"fine"
---@return ds.trainer.score
function Trainer:default(style) return score(self._t:default(style or self._t:style())) end

-- Begins and goes through all rounds.
local function learn(self, bar, done, all, ...)
  local ok, message, detail = self._t:begin(...)
  if not ok then return nil, message, detail end
  for i = 1, self._rounds do
    self._t:round()
    bar.step(done + i, (done + i) / all)
  end
  return true
end

--- Learns from all of the gold but a fold, and scores on that, for every fold.
---@param folds integer 2 or more
---@return ds.trainer.score[]? scores one a fold
---@return string? message
function Trainer:cross_validate(folds)
  local scores, bar = {}, progress.new(true, "rounds")
  for fold = 1, folds do
    local ok, message = learn(self, bar, (fold - 1) * self._rounds, folds * self._rounds, fold, folds)
    if not ok then
      bar.clear()
      return nil, message
    end
    scores[fold] = score(self._t:score())
  end
  bar.clear()
  return scores
end

--- Learns from all of the gold.
---@param note? string a line about where it comes from, kept in the model
---@return string? model the bytes of a file for ds.segmenter { model = … }
---@return string? message
function Trainer:train(note)
  local bar = progress.new(true, "rounds")
  local ok, message = learn(self, bar, 0, self._rounds)
  bar.clear()
  if not ok then return nil, message end
  return self._t:image((note or ""):gsub("%c", " "))
end

function Trainer:close() self._t:close() end
Trainer.__gc, Trainer.__close = Trainer.close, Trainer.close

function Trainer:__tostring() return ("ds.trainer (%d lines of gold)"):format(self._t:lines()) end

--- A trainer without gold.
---@param opts? {seed: integer?, rounds: integer?, least: integer?} seed: of the order of the lines; rounds: through the
---  gold, 10; least: how often a feature must occur to be learned, 2
---@return ds.trainer? trainer
---@return string? message
return function(opts)
  opts = opts or {}
  for name, value in pairs(opts) do
    names.check("ds.trainer: unknown option", name, { "seed", "rounds", "least" })
    if math.type(value) ~= "integer" or value < (name == "seed" and 0 or 1) or value > 0xFFFFFFFF then
      error(("ds.trainer: %s is a positive integer"):format(name), 2)
    end
  end
  local lexicon, why = paths.find("zh.dslex")
  if not lexicon then return nil, why end
  local t, message = train.new(lexicon, opts.seed or DEFAULT.seed, opts.least or DEFAULT.least)
  if not t then return nil, message end
  return setmetatable({ _t = t, _rounds = opts.rounds or DEFAULT.rounds }, Trainer)
end
