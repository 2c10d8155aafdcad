---@type ds.Plugin
-- Cuts each line of the input into words.

local SPACES = { ["\u{3000}"] = true, ["\u{A0}"] = true }

local function is_space(word)
  return SPACES[word] or not word:find("%S")
end

-- The line with one space between two words that have none; whatever white space it has stays as it is.
local function spaced(words)
  local parts, after_word = {}, false
  for _, word in ipairs(words) do
    local space = is_space(word)
    if after_word and not space then parts[#parts + 1] = " " end
    parts[#parts + 1] = word
    after_word = not space
  end
  return table.concat(parts)
end

return {
  about = "Cuts lines of Chinese text, Simplified or Traditional, into words",
  input = "lines",
  example = "echo 馬斯克諷刺DeepSeek | dsrun segment",
  tables = {
    tokens = {
      { "line", "integer", "number of the line" },
      { "words", "list", "the words, white space left out" },
    },
  },

  setup = function(ctx)
    ctx.state.segmenter = assert(ds.segmenter { user = ctx.user_dict })
  end,

  map = function(line, n, ctx)
    ctx.state.words = ctx.state.segmenter:words(line)
    local words = {}
    for _, word in ipairs(ctx.state.words) do
      if not is_space(word) then words[#words + 1] = word end
    end
    ctx:emit("tokens", { line = n, words = words })
  end,

  -- -f text: called for the row just emitted, so the words of its line are at hand with their white space.
  render = function(_, _, ctx)
    return spaced(ctx.state.words)
  end,
}
