-- grouping.lua: ds.grouping(per), the group of an article by what plugins call --per.

local date = require "ds.date"
local names = require "ds.names"

local PERIODS = { day = true, week = true, month = true, year = true }
local KNOWN = { "all", "article", "source", "day", "week", "month", "year" }

local BY = {
  all = function() return "" end,
  article = function(article) return article.id end,
  source = function(article) return article.source_name or "(none)" end,
}

--- A function that names the group of an article, without tabs.
---@param per "all"|"article"|"source"|"day"|"week"|"month"|"year" all: ""; source: "(none)" where it is unknown; week: ISO 8601
---@return fun(article: {id: string, date: string?, source_name: string?}): string?, string? group nil and why, when a period is asked for and the date does not tell it
---@nodiscard
return function(per)
  if PERIODS[per] then
    return function(article)
      local group = date.bucket(article.date, per)
      if group then return group end
      return nil, article.date and "no day" or "no date"
    end
  end
  if not BY[per] then names.check("ds.grouping: unknown group", tostring(per), KNOWN, 2) end
  return function(article) return (BY[per](article):gsub("\t", " ")) end
end
