---@type ds.Plugin
-- Cuts each line of the input into words.

-- Tells white space from words.  The segmenter knows; it is asked once for each token whose first byte may be a space's.
local function space_test(segmenter)
  local known = {}
  return function(word)
    if not word:find("^[%c \xC2\xE1\xE2\xE3\xEF]") then return false end
    if known[word] == nil then
      local token = segmenter:tokens(word)()
      known[word] = token ~= nil and token.class == "space"
    end
    return known[word]
  end
end

-- The line with one space between two words that have none; the white space it has stays as it is.
local function spaced(words, is_space)
  local parts, after_word = {}, false
  for _, word in ipairs(words) do
    local space = is_space(word)
    if after_word and not space then parts[#parts + 1] = " " end
    parts[#parts + 1] = word
    after_word = not space
  end
  return table.concat(parts)
end

local function without_space(words, is_space)
  local kept = {}
  for _, word in ipairs(words) do
    if not is_space(word) then kept[#kept + 1] = word end
  end
  return kept
end

return {
  about = "Cuts lines of Chinese text, Simplified or Traditional, into words",
  input = "lines",
  example = "echo 馬斯克諷刺DeepSeek | dsrun segment",
  tables = {
    tokens = { { "line", "integer", "number of the line" }, { "words", "list", "the words, white space left out" } },
  },

  setup = function(ctx)
    ctx.state.segmenter = assert(ds.segmenter { user = ctx.user_dict })
    ctx.state.is_space = space_test(ctx.state.segmenter)
  end,

  map = function(line, n, ctx)
    local words = ctx.state.segmenter:words(line)
    ctx.state.words = words
    ctx:emit("tokens", { line = n, words = ctx.format ~= "text" and without_space(words, ctx.state.is_space) or nil })
  end,

  -- -f text: called for the row just emitted, while the line's words are at hand with their white space.
  render = function(_, _, ctx) return spaced(ctx.state.words, ctx.state.is_space) end,
}
