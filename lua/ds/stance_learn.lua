-- stance_learn.lua: ds.stance_trainer{…}, which learns from a user's own labels what the rules do not know.

local features = require "ds.stance_features"
local linear = require "ds.c.linear"
local names = require "ds.names"
local pairs_file = require "ds.stance_pairs"
local stance = require "ds.stance"

local DEFAULT = { seed = 1, rounds = 30, cost = 0.1, least = 2 }
local STEEPS = { 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8 } -- how surely a model speaks, of which the likeliest is kept
local STEEP = 2
local ALL = 255

---@class ds.stance_trainer
local Trainer = { __name = "ds.stance_trainer" }
Trainer.__index = Trainer
function Trainer:__tostring() return ("ds.stance_trainer (%d labels)"):format(#self.rows) end

---@class ds.stance_trainer.score
---@field what string rules alone, target alone (text hidden), model
---@field n integer
---@field accuracy number
---@field macro_f1 number
---@field neg number F1
---@field neu number
---@field pos number

--- Takes one labelled text.
---@param label "pos"|"neg"|"neu"
---@param target string
---@param text string
---@return true? ok
---@return string? message
function Trainer:add(label, target, text)
  local number = pairs_file.number[label]
  if not number then return nil, ("the label is pos, neg or neu, not '%s'"):format(label) end
  self.parts[text] = self.parts[text] or self.texts
  if self.parts[text] == self.texts then self.texts = self.texts + 1 end
  local row = { label = label, number = number, part = self.parts[text] }
  row.rules = self.judge:of(target):fill(self.bag, text)
  self.rows[#self.rows + 1], row.bag = row, nil
  self.bags[#self.rows] = self.bag
  self.bag = features.bag()
  return true
end

--- Takes a table of label, target and text; rows labelled ? are passed over.
---@param path string
---@param bad? fun(message: string) is told of lines that cannot be taken
---@return integer? rows how many were taken
---@return string? message
function Trainer:add_file(path, bad)
  bad = bad or function() end
  local rows, message = pairs_file.read(path, bad)
  if not rows then return nil, message end
  local before = #self.rows
  for _, row in ipairs(rows) do
    if row.label and row.label ~= "?" then
      local ok, why = self:add(row.label, row.target, row.text)
      if not ok then bad(("%s:%d: %s"):format(path, row.line, why)) end
    end
  end
  return #self.rows - before
end

---@return integer
function Trainer:examples() return #self.rows end

-- Deals the texts out to folds, in an order that the seed decides: tables are often sorted.
local function deal(self, folds)
  local order, state, n = {}, self.options.seed, self.texts - 1
  for i = 1, n do order[i] = i end
  for i = n, 2, -1 do
    state = state * 6364136223846793005 + 1442695040888963407
    local k = (state >> 33) % i + 1
    order[i], order[k] = order[k], order[i]
  end
  local fold_of = {}
  for i, part in ipairs(order) do fold_of[part] = (i - 1) % folds + 1 end
  for _, row in ipairs(self.rows) do row.fold = fold_of[row.part] end
end

local function learner(self, folds)
  local o = self.options
  deal(self, folds)
  local t = linear.learner(#pairs_file.labels, o.seed, o.rounds, o.cost, o.least)
  for i, row in ipairs(self.rows) do t:add(self.bags[i], row.number, row.fold) end
  return t
end

-- A label that no row has, or nil.
local function missing(self)
  local has = {}
  for _, row in ipairs(self.rows) do has[row.label] = true end
  for _, label in ipairs(pairs_file.labels) do
    if not has[label] then return label end
  end
end

local function f1(rows, guess, label)
  local both, ours, theirs = 0, 0, 0
  for i, row in ipairs(rows) do
    both = both + (guess[i] == label and row.label == label and 1 or 0)
    ours = ours + (guess[i] == label and 1 or 0)
    theirs = theirs + (row.label == label and 1 or 0)
  end
  return ours + theirs > 0 and 2 * both / (ours + theirs) or 0
end

local function score_of(what, rows, guess)
  local s, right = { what = what, n = #rows, macro_f1 = 0 }, 0
  for i, row in ipairs(rows) do right = right + (guess[i] == row.label and 1 or 0) end
  for _, label in ipairs(pairs_file.labels) do
    s[label] = f1(rows, guess, label)
    s.macro_f1 = s.macro_f1 + s[label] / #pairs_file.labels
  end
  s.accuracy = right / math.max(#rows, 1)
  return s
end

local function best_of(scores)
  local best = 1
  for k = 2, #scores do best = scores[k] > scores[best] and k or best end
  return pairs_file.labels[best]
end

-- Scores of every row by what the other folds taught.
local function held_out(self, t, folds)
  local scores = {}
  for fold = 1, folds do
    local ok, message = t:fit(fold)
    if not ok then return nil, "too few labels for so many folds: " .. message end
    for i, row in ipairs(self.rows) do
      if row.fold == fold then scores[i] = { t:scores(i) } end
    end
  end
  return scores
end

local function chances(scores, steep)
  local out, sum, best = {}, 0, math.max(table.unpack(scores))
  for k, s in ipairs(scores) do
    out[k] = math.exp((s - best) * steep)
    sum = sum + out[k]
  end
  for k in ipairs(out) do out[k] = out[k] / sum end
  return out
end

-- The steepness under which the labels are likeliest.
local function find_steep(rows, scores)
  local best, likeliest = STEEP, -math.huge
  for _, steep in ipairs(STEEPS) do
    local sum = 0
    for i, row in ipairs(rows) do sum = sum + math.log(chances(scores[i], steep)[row.number]) end
    if sum > likeliest then best, likeliest = steep, sum end
  end
  return best
end

--- Scores by cross-validation: rows of the same text are in the same fold.
---@param folds integer 2 or more
---@return ds.stance_trainer.score[]? scores of the rules alone, of the target alone with the text hidden, of the model
---@return string? message
---@return {label: string, score: number}[]? held_out what the model says of each row when it has not seen its text
function Trainer:cross_validate(folds)
  local lacks = missing(self)
  if lacks then return nil, "no row is labelled " .. lacks end
  if self.texts - 1 < folds then return nil, ("%d texts are too few for %d folds"):format(self.texts - 1, folds) end
  local t, out, rows = learner(self, folds), {}, {}
  for i, row in ipairs(self.rows) do rows[i] = row.rules.label end
  out[1] = score_of("rules alone", self.rows, rows)
  for _, way in ipairs { { "target alone", features.TARGET_ONLY }, { "model", ALL } } do
    t:groups(way[2])
    local scores, message = held_out(self, t, folds)
    if not scores then return nil, message end
    for i = 1, #self.rows do rows[i] = best_of(scores[i]) end
    out[#out + 1] = score_of(way[1], self.rows, rows)
    if way[2] == ALL then
      self.steep = find_steep(self.rows, scores)
      for i = 1, #self.rows do
        local p = chances(scores[i], self.steep)
        rows[i] = { label = rows[i], score = math.floor((p[3] - p[1]) * 1000 + 0.5) / 1000 }
      end
    end
  end
  return out, nil, rows
end

--- Learns from all rows.
---@param note? string a line about where it comes from, kept in the model
---@return string? model the bytes of a file for ds.stance { model = … }
---@return string? message
function Trainer:train(note)
  local lacks = missing(self)
  if lacks then return nil, "no row is labelled " .. lacks end
  local t = learner(self, 2)
  local ok, message = t:fit()
  if not ok then return nil, message end
  return t:image(self.steep or STEEP, features.VERSION, ((note or ""):gsub("%c", " ")):sub(1, 1000))
end

local known = { "seed", "rounds", "cost", "least", "aliases", "sentiment", "modifiers", "verbs", "holders", "segmenter" }

--- A trainer without labels.
---@param opts? table seed of the order of the rows, 1; rounds through them at most, 30; cost of an error, 0.1; least: in how
---  many rows a feature must occur, 2; and the lexicons of ds.stance
---@return ds.stance_trainer? trainer
---@return string? message names the file that could not be read
return function(opts)
  local o, judge_opts = {}, { target = "?" }
  for key, value in pairs(opts or {}) do
    names.check("ds.stance_trainer: unknown option", key, known)
    if DEFAULT[key] then o[key] = value else judge_opts[key] = value end
  end
  for key, value in pairs(DEFAULT) do
    o[key] = o[key] == nil and value or o[key]
    if type(o[key]) ~= "number" or o[key] <= 0 or (key ~= "cost" and math.type(o[key]) ~= "integer") then
      error(("ds.stance_trainer: %s is a positive %s"):format(key, key == "cost" and "number" or "integer"), 2)
    end
  end
  local judge, message = stance(judge_opts)
  if not judge then return nil, message end
  return setmetatable({ options = o, judge = judge, rows = {}, bags = {}, bag = features.bag(), parts = {}, texts = 1,
                        bad_lines = judge.bad_lines }, Trainer)
end
