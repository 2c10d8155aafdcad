for doc in corpus:docs() do
  print(doc.id, doc.date, doc.title)
end
