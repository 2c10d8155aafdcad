-- formats.lua: which reader a file is for, by its name and by how it begins.

local M = {}

--- Bytes of a file's start that are looked at.
M.HEAD = 4096

--- Formats that can be asked for by name.
M.NAMES = { "text", "markdown", "html", "jsonl", "json", "csv", "tsv", "conllu", "vrt" }

local ENDINGS = {
  [".txt"] = "text", [".text"] = "text", [".md"] = "markdown", [".markdown"] = "markdown",
  [".html"] = "html", [".htm"] = "html", [".xhtml"] = "html", [".shtml"] = "html",
  [".jsonl"] = "jsonl", [".ndjson"] = "jsonl", [".json"] = "json", [".csv"] = "csv", [".tsv"] = "tsv", [".tab"] = "tsv",
  [".conllu"] = "conllu", [".vrt"] = "vrt", [".vert"] = "vrt", [".dsc"] = "store",
}
local PACKED = { [".gz"] = true, [".zst"] = true }

--- The endings, as messages list them.
M.ENDINGS = ".txt, .text, .md, .markdown, .html, .htm, .jsonl, .json, .csv, .tsv, .conllu, .vrt, .dsc, also with .gz or .zst"

--- ".txt" of "A.TXT", ".jsonl.gz" of "x.jsonl.gz", "" when there is none.
---@param name string
---@return string
function M.ending(name)
  local base = name:lower():match("[^/]*$")
  local last = base:match("[^.](%.[^.]+)$") or ""
  if not PACKED[last] then return last end
  return (base:sub(1, -#last - 1):match("[^.](%.[^.]+)$") or "") .. last
end

--- The format that a name tells.
---@param name string
---@return string? format
---@return boolean packed whether the name ends like that of a compressed file
function M.of_name(name)
  local ending = M.ending(name)
  local inner, packed = ending:match("^(%.[^.]+)(%.[^.]+)$")
  if inner then return ENDINGS[inner], packed ~= nil end
  return ENDINGS[ending], PACKED[ending] or false
end

-- ------------------------------------------------------------------ content

local FOREIGN = { -- first bytes, what it is, what to do
  { "%PDF", "a PDF file", "extract its text first: pdftotext" },
  { "PK\3\4", "a ZIP archive (or .docx, .xlsx, .epub)", "unpack it, or save it as text or CSV" },
  { "\xD0\xCF\x11\xE0", "an old Word or Excel file", "save it as text or CSV" },
  { "{\\rtf", "an RTF file", "save it as text" },
  { "BZh", "compressed by bzip2", "decompress it first: bzip2 -d" },
  { "\xFD7zXZ\0", "compressed by xz", "decompress it first: xz -d" },
  { "7z\xBC\xAF\x27\x1C", "a 7-Zip archive", "unpack it first" },
  { "Rar!\x1A\x07", "a RAR archive", "unpack it first" },
  { "\x89PNG", "a picture" }, { "\xFF\xD8\xFF", "a picture" }, { "GIF8", "a picture" },
  { "\x7FELF", "a program" }, { "SQLite format 3\0", "an SQLite database", "export it as CSV" },
}

local FIRST = {}
for _, f in ipairs(FOREIGN) do FIRST[f[1]:byte()] = true end

--- What a file is that is none of ours, and what to do.
---@param head string
---@return string? message
function M.foreign(head)
  if not FIRST[head:byte()] then return nil end
  for _, f in ipairs(FOREIGN) do
    if head:sub(1, #f[1]) == f[1] then return f[2] .. (f[3] and "; " .. f[3] or ", no text") end
  end
end

--- Whether a page of HTML starts there: <!doctype html or <html, perhaps behind comments or an XML declaration.
---@param head string
---@return boolean
function M.is_html(head)
  if head:match("^[\xEF\xBB\xBF]*%s*(.)") ~= "<" then return false end
  local s = head:lower():gsub("^\xEF\xBB\xBF", "")
  local before
  repeat
    before = #s
    s = s:gsub("^%s+", ""):gsub("^<%?xml[^>]*>", ""):gsub("^<!%-%-.-%-%->", "")
  until #s == before
  local tag = s:match("^<([^<>]*)")
  return tag ~= nil and (tag:find("^html%f[%A]") or tag:find("^!doctype%s+html%f[%A]")) ~= nil
end

--- The format that a file's start tells, for names that tell none; nil: plain text or Markdown, or nothing known.
---@param head string
---@return string?
function M.of_content(head)
  if M.is_html(head) then return "html" end
  local s = head:gsub("^\xEF\xBB\xBF", "")
  if s:find('^%s*{%s*"[^"\n]*"%s*:') then return "jsonl" end
  if s:find('^%s*%[%s*{%s*"') then return "json" end
  local line = ("\n" .. s):match("\n([^#%s][^\n]*)\n")
  if line and line:find("^1[%-%.%d]*\t") and select(2, line:gsub("\t", "")) == 9 then return "conllu" end
  if s:find("^%s*<%a[%w_]*[^<>\n]*>%s*\n") and ("\n" .. s):find("\n[^<\n\t][^\n\t]*\t") then return "vrt" end
  if s:find("^%s*<[dt][oe][cx]t?[^<>\n]*>%s*\n%s*<[ps][^<>\n]*>%s*\n") then return "vrt" end
end

return M
