return {
  map = function(doc)
    if doc.id then
  end,
}
