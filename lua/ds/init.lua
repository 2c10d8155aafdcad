-- init.lua: the table that `require "ds"` returns.  Parts are loaded when they are first used, so that a small
-- script starts fast.

local lazy = {
  utf8 = function()
    local spans = require "ds.spans"
    local utf8 = require "ds.c.utf8"
    local encoding = require "ds.c.encoding"
    for _, name in ipairs { "sentences", "paragraphs", "quotations" } do utf8[name] = spans[name] end
    utf8.normalize = require("ds.c.norm").normalize
    for _, name in ipairs { "detect", "decode" } do utf8[name] = encoding[name] end
    for _, name in ipairs { "offsets", "sentences_into" } do utf8[name] = require("ds.c.text")[name] end
    for name, convert in pairs(require "ds.convert") do utf8[name] = convert end
    return utf8
  end,
  text = function() return require("ds.c.text").text end,
  segmenter = function() return require "ds.segmenter" end,
  trainer = function() return require "ds.trainer" end,
  matcher = function() return require "ds.matcher" end,
  corpus = function() return require "ds.corpus" end,
  concordance = function() return require "ds.concordance" end,
  reuse = function() return require "ds.reuse" end,
  newwords = function() return require "ds.newwords" end,
  textrank = function() return require "ds.textrank" end,
  graph = function() return require "ds.graph" end,
  lexicon = function() return require "ds.lexicon" end,
  stance = function() return require "ds.stance" end,
  stance_trainer = function() return require "ds.stance_learn" end,
  quotes = function() return require "ds.quotes" end,
  entities = function() return require "ds.entities" end,
  numbers = function() return require "ds.numbers" end,
  mentions = function() return require "ds.mentions" end,
  compare = function() return require "ds.compare" end,
  stats = function()
    local stats = require "ds.c.stats"
    for name, measure in pairs(require "ds.c.measures") do stats[name] = measure end
    for name, test in pairs(require "ds.c.series") do stats[name] = test end
    return stats
  end,
  acc = function() return require "ds.c.acc" end,
  json = function() return require "ds.json" end,
  date = function() return require "ds.date" end,
  grouping = function() return require "ds.grouping" end,
}

local ds = {}

setmetatable(ds, {
  __name = "ds",
  __index = function(t, name)
    local load = lazy[name]
    if not load then return nil end
    local part = load()
    rawset(t, name, part)
    return part
  end,
  __pairs = function(t)
    for name in pairs(lazy) do local _ = t[name] end
    local names, i = require("ds.order").keys(t), 0
    return function()
      i = i + 1
      return names[i], t[names[i]]
    end, t, nil
  end,
})

return ds
