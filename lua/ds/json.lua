-- json.lua: ds.json, JSON for plugins and readers; the work is done in bind_json.c.
local c = require "ds.c.json"

local json = {}

--- JSON's null; decoded data holds it where nil would lose the key.
json.null = c.null

--- Reads one JSON value.  Arrays are marked, so that an empty one is written back as [].
---@param s string
---@return any value nil when `s` is not JSON
---@return string? message
---@return {line: integer, byte: integer}? detail where in `s`, both from 1
function json.decode(s) return c.decode(s) end

--- Writes a value as JSON on one line; ill-formed UTF-8 becomes U+FFFD, NaN and infinities raise.
---@param v any
---@param order string[]? keys of the outermost object that come first, null where `v` has none
---@return string
function json.encode(v, order) return c.encode(v, order) end

--- Marks a table as an array, which matters when it is empty.
---@generic T: table
---@param t T
---@return T
function json.array(t) return c.array(t) end

return json
