-- stock.lua: command lines of the stock plugins that read articles, for tests that run each of them in several ways.
--
-- A new plugin is missed by nobody: every file of plugins/ must stand here, or in `others` with the reason.
return {
  { "cat" }, { "collocates", "--node", "马斯克" }, { "dispersion" }, { "freq" }, { "info" },
  { "keyness", "--ref", "'date < 2025-02-01'" }, { "kwic", "--query", "价格" }, { "numbers" }, { "pricewar" },
  { "quotes" }, { "stance", "--target", "特斯拉" },
  { "reuse" }, { "newwords", "--min", "3" }, { "keywords", "--per", "source" }, { "ngrams", "--per", "month" },
  { "trend", "--terms", "马斯克,价格战", "--each-source" }, { "network" },
  { "entities", "--together", "article" }, { "compare", "--show", "all" }, { "network", "--entities" }, { "trend", "--entities", "马斯克,DeepSeek-R1" },
  others = { query = "reads nothing by itself", build = "writes a store", compact = "reads nothing", remove = "reads nothing", new = "reads nothing", segment = "reads lines", verify = "reads nothing" },
}
