-- variants.lua OPENCC_DICT DATA_DIR OUT: writes the table of Han variants that core/fold.c includes.
--
-- Two characters belong together when OpenCC's tables say, without looking at words, that one may be written for
-- the other.  The links are:
--   simplify   a Traditional character and the first Simplified one that TSCharacters gives it; where that is the
--              character itself (彷 藉 瞭: words decide), a later one that STCharacters leads back from
--   region     a standard Traditional character and its Taiwan and Hong Kong forms, both directions
--   rare       a Simplified character that TSCharacters never chooses (锺 馀), and what its Traditional form simplifies
--              to; and a Traditional one that only STCharacters knows (揹 牠), and its Simplified form
-- Links are closed to groups, and each group has one representative, so folding twice changes nothing.  A character
-- with several Simplified forms (鍊: 炼 链) joins only the first; joining all would make one of different words.
-- Japanese tables are not used.
local opencc_dict, dir, out = arg[1], arg[2], arg[3]
local package_name = "libopencc1.1"

local function die(format, ...)
  io.stderr:write("core/gen/variants.lua: ", format:format(...), "\n")
  os.exit(1)
end

if not out then die("usage: variants.lua OPENCC_DICT DATA_DIR OUT") end

-- ---------------------------------------------------------------- reading

local function sorted_keys(t)
  local keys = {}
  for k in pairs(t) do keys[#keys + 1] = k end
  table.sort(keys)
  return keys
end

local here = arg[0]:match("^.*/") or ""
local dictionary = assert(loadfile(here .. "opencc.lua"))(opencc_dict, dir, out .. ".opencc.txt", die)

--- A table of OpenCC as { code point -> list of code points }.
local function load_table(name)
  local function one(s) return utf8.len(s) == 1 and utf8.codepoint(s) or die("%s: %s is not one character", name, s) end
  local entries = {}
  for key, values in pairs(dictionary(name)) do
    local list = {}
    for i, value in ipairs(values) do list[i] = one(value) end
    entries[one(key)] = list
  end
  return entries
end

local ts, st = load_table("TSCharacters"), load_table("STCharacters")
local regions = { load_table("TWVariants"), load_table("HKVariants") }
local standards = { load_table("TWVariantsRev"), load_table("HKVariantsRev") }

local function contains(list, cp)
  for _, v in ipairs(list or {}) do if v == cp then return true end end
  return false
end

-- ---------------------------------------------------------------- groups

local parent = {}

local function root(cp)
  parent[cp] = parent[cp] or cp
  while parent[cp] ~= cp do cp = parent[cp] end
  return cp
end

local function link(a, b)
  a, b = root(a), root(b)
  if a ~= b then parent[math.max(a, b)] = math.min(a, b) end
end

--- The Simplified character that Traditional `cp` joins, or nil.
local function simplified(cp)
  local list = ts[cp]
  if not list then return nil end
  if list[1] ~= cp then return list[1] end
  for i = 2, #list do if contains(st[list[i]], cp) then return list[i] end end
end

local target = {} -- characters that TSCharacters chooses
for _, cp in ipairs(sorted_keys(ts)) do
  local s = simplified(cp)
  if s then link(cp, s) end
  if ts[cp][1] ~= cp then target[ts[cp][1]] = true end
end

local regional, legal_traditional = {}, {}
for _, tables in ipairs { regions, standards } do
  for _, t in ipairs(tables) do
    for from, list in pairs(t) do
      legal_traditional[from] = true
      for _, to in ipairs(list) do
        link(from, to)
        legal_traditional[to] = true
        if tables == regions and to ~= from then regional[to] = true end
      end
    end
  end
end

for _, cp in ipairs(sorted_keys(st)) do
  local first = st[cp][1]
  if not target[cp] and not contains(st[cp], cp) then link(cp, simplified(first) or first) end
  for _, t in ipairs(st[cp]) do
    if t ~= cp and not ts[t] and not st[t] then link(t, cp) end
    legal_traditional[t] = true
  end
end

-- ---------------------------------------------------------------- representatives

-- The tables have 擡 and 抬 only as regional forms of one another and do not say which is Simplified.
local known_simplified = { [utf8.codepoint("抬")] = true }

local chosen_for_regional = {} -- 鲶 for Taiwan's 鯰, where the standard 鮎 has 鲇
for cp in pairs(regional) do
  if ts[cp] then chosen_for_regional[ts[cp][1]] = true end
end

--- How well `cp` stands for its group: Simplified before Traditional, standard before regional.
local function rank(cp)
  local r = 0
  if known_simplified[cp] then r = r + 32 end
  if not ts[cp] then r = r + 16 end
  if target[cp] then r = r + 8 end
  if st[cp] then r = r + 4 end
  if chosen_for_regional[cp] then r = r + 2 end
  if not regional[cp] then r = r + 1 end
  return r
end

local best = {} -- root -> representative
for _, cp in ipairs(sorted_keys(parent)) do
  local top = root(cp)
  if not best[top] or rank(cp) > rank(best[top]) then best[top] = cp end
end

-- ---------------------------------------------------------------- cells

local HANS, HANT = 1 << 24, 2 << 24
local cells = {}

for cp in pairs(parent) do
  local to = best[root(cp)]
  if to ~= cp then cells[cp] = to end
end
for cp, list in pairs(st) do
  if list[1] ~= cp and not contains(list, cp) and not ts[cp] and not legal_traditional[cp] then
    cells[cp] = (cells[cp] or 0) | HANS
  end
end
for cp, list in pairs(ts) do
  if list[1] ~= cp and not contains(list, cp) and not st[cp] and not target[cp] then
    cells[cp] = (cells[cp] or 0) | HANT
  end
end

-- ---------------------------------------------------------------- writing

local BITS = 6
local SIZE = 1 << BITS
local used = sorted_keys(cells)
local last_page = used[#used] >> BITS

local function page_text(page)
  local rows, row = {}, {}
  for i = 0, SIZE - 1 do
    row[#row + 1] = ("0x%X"):format(cells[page << BITS | i] or 0)
    if #row == 16 then
      rows[#rows + 1] = "     " .. table.concat(row, ", ")
      row = {}
    end
  end
  return "    {\n" .. table.concat(rows, ",\n") .. "\n    }"
end

local index, pages, seen = {}, {}, {}
for page = 0, last_page do
  local text = page_text(page)
  if not seen[text] then
    pages[#pages + 1] = text
    seen[text] = #pages - 1
  end
  index[#index + 1] = tostring(seen[text])
end

local function version()
  local pipe = io.popen("dpkg-query -W -f='${Version}' " .. package_name .. " 2>/dev/null")
  local v = pipe and pipe:read("l")
  if pipe then pipe:close() end
  return v and v ~= "" and package_name .. " " .. v or "OpenCC, version unknown"
end

local h = {
  ("/* Generated by core/gen/variants.lua from OpenCC's .ocd2 tables (%s). */"):format(version()),
  "#include <stdint.h>",
  "",
  "/* A cell: the character that stands for the group in the low bits (0: the character itself), and the",
  " * script that alone uses it. */",
  "enum {",
  ("    VARIANT_PAGE_BITS = %d,"):format(BITS),
  ("    VARIANT_PAGES = %d, /* code points from VARIANT_PAGES << VARIANT_PAGE_BITS have no cell */"):format(#index),
  "    VARIANT_TARGET = 0x1FFFFF,",
  ("    VARIANT_HANS = 0x%X,"):format(HANS),
  ("    VARIANT_HANT = 0x%X"):format(HANT),
  "};",
  "",
  "static const uint16_t variant_page[VARIANT_PAGES] = {",
}
for i = 1, #index, 24 do
  h[#h + 1] = "    " .. table.concat(index, ", ", i, math.min(i + 23, #index)) .. ","
end
h[#h + 1] = "};"
h[#h + 1] = ""
h[#h + 1] = ("static const uint32_t variant_cell[%d][%d] = {"):format(#pages, SIZE)
h[#h + 1] = table.concat(pages, ",\n")
h[#h + 1] = "};"

local f, msg = io.open(out .. ".part", "wb")
if not f then die("%s", msg) end
f:write(table.concat(h, "\n"), "\n")
if not f:close() then die("cannot write %s", out) end
assert(os.rename(out .. ".part", out))
