-- spans.lua: iterators over the sentences, paragraphs and quotations of a string.  Offsets are bytes from 1, both ends
-- included, as string.sub takes them.

local span = require "ds.c.span"

local M = {}

local function pairs_of(flat)
  local i = -1
  return function()
    i = i + 2
    return flat[i], flat[i + 1]
  end
end

--- for from, to in ds.utf8.sentences(s): parts of paragraphs that end at 。！？ or the like, closing marks included.
---@param s string
---@return fun(): integer?, integer? next from, to in bytes
function M.sentences(s) return pairs_of(span.sentences(s)) end

--- for from, to in ds.utf8.paragraphs(s): lines with something on them, white space at both ends left out.
---@param s string
---@return fun(): integer?, integer? next from, to in bytes
function M.paragraphs(s) return pairs_of(span.paragraphs(s)) end

---@class ds.quotation
---@field from integer byte of the opening mark
---@field to integer last byte of the closing mark; of the paragraph when it is not closed
---@field inner_from integer first byte between the marks
---@field inner_to integer last byte between the marks; inner_from - 1 when there is none
---@field open string the opening mark
---@field depth integer 0 outermost, 1 inside another, ...
---@field closed boolean

--- for from, to, quotation in ds.utf8.quotations(s): by beginning, nested ones included.
---@param s string
---@return fun(): integer?, integer?, ds.quotation? next from, to in bytes, the whole record
function M.quotations(s)
  local list, i = span.quotations(s), 0
  return function()
    i = i + 1
    local q = list[i]
    if q then return q.from, q.to, q end
  end
end

return M
