---@type ds.Plugin
-- How often each word occurs.

local function read_words(path)
  local set = {}
  if not path then return set end
  for word in assert(ds.lexicon.words(path)) do set[word] = true end
  return set
end

return {
  about = "Counts the words of a corpus",
  example = "dsrun freq --pos 'n.*' --top 20 articles/",
  options = {
    { "by", type = "choice", choices = { "key", "word" }, default = "key",
      help = "count folded forms (價格 with 价格), or words as they are written" },
    { "pos", type = "string", help = "only parts of speech that match, such as n.* for nouns" },
    { "class", type = "string", help = "only one class: han, latin, number, …; all but punct and space" },
    { "top", type = "integer", default = 50, help = "rows of the report (data formats have all)" },
    { "stopwords", type = "file", help = "words to leave out, one a line" },
  },
  tables = {
    words = {
      { "word", "string", "the word" },
      { "pos", "string", "its part of speech" },
      { "n", "integer", "how often it occurs" },
      { "per_million", "number", "the same per million words counted" },
      { "docs", "integer", "articles in which it occurs" },
    },
  },
}
