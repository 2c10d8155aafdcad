-- records.lua: the articles of one task of many: JSON lines on standard input, read as they come.
local doc = require "ds.doc"
local reader = require "ds.reader"
local reader_records = require "ds.reader_records"
local source = require "ds.c.source"

local records = {}

local NO_ID <const> = "\0" -- what a record without an id would be called

--- A corpus of the records of a file descriptor, for one reading.  Ids are kept apart as in one file: "a", "a#2" ….
---@param fd integer
---@param owner table who keeps the segmenter and the like for its documents
---@param fields table<string, string>? of --fields
---@param seen fun(id: string, text: string) called for every article, and for what is rejected with its message
---@return table? corpus with docs, as inputs.articles wants it
---@return string? message
function records.corpus(fd, owner, fields, seen)
  local src, message = source.open(fd)
  if not src then return nil, message end
  local read = reader_records.json({ path = "-", id = NO_ID, src = src, opts = { fields = fields } }, reader.LINE_MAX)
  local taken, ended = {}, false
  local function next_article(on_error)
    local a, problem, place = read()
    if a and a.id:sub(1, 1) == NO_ID then
      a, problem, place = nil, "a record without an id: parts need one for each", { byte = a.byte }
    end
    if a then return a end
    ended = not problem or place.fatal
    if problem then
      seen(problem, "")
      on_error(reader.rejected("-", nil, problem, place))
    end
  end
  local self = {}
  function self.docs(_, opts)
    return function()
      while not ended do
        local a = next_article(opts.on_error)
        if a then
          local id, n = a.id, 1
          while taken[id] do
            n = n + 1
            id = ("%s#%d"):format(a.id, n)
          end
          a.id, a.path, taken[id] = id, "-", true
          seen(id, a.text)
          return doc.new(a, owner)
        end
      end
    end
  end
  return self
end

return records
