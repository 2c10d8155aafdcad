local function depth(doc)
  return doc.meta.tags.level.n
end

return {
  tables = { t = { { "n", "integer" } } },
  map = function(doc, ctx)
    ctx:emit("t", { n = depth(doc) })
  end,
}
