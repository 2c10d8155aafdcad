-- norm.lua UNICODE_DIR OUT: writes the tables of normalisation that core/norm*.c include.
--
-- From UnicodeData.txt: combining classes and decompositions, applied until nothing decomposes further; Hangul
-- syllables are left to arithmetic.  From DerivedNormalizationProps.txt: the quick-check properties, and which
-- decompositions must not be composed again.  Code points without any of this share record 0.
--
-- The scanning rules below say at which bytes a scan for text that is normal already has to stop.  They are coarse
-- where text is rare and fine where Chinese text is dense, and are checked here against every code point.
local dir, out = arg[1], arg[2]
local package_name = "unicode-data"

local function die(format, ...)
  io.stderr:write("core/gen/norm.lua: ", format:format(...), "\n")
  os.exit(1)
end

if not out then die("usage: norm.lua UNICODE_DIR OUT") end

local FORMS = { "NFC", "NFD", "NFKC", "NFKD" } -- in the order of ds_norm_form
local CODE_POINTS = 0x110000

-- ---------------------------------------------------------------- reading

local function open_data(name)
  local path = dir .. "/" .. name
  local f = io.open(path, "rb")
  if not f then die("%s is missing; Debian has it in the package `%s`", path, package_name) end
  return f, path
end

local ccc, step, compatible = {}, {}, {} -- class; one step of decomposition, a list; whether that is a <tagged> one

local function read_unicode_data()
  local f, path = open_data("UnicodeData.txt")
  for line in f:lines() do
    local hex, class, mapping = line:match("^(%x+);[^;]*;[^;]*;(%d+);[^;]*;([^;]*);")
    if not hex then die("%s: cannot read the line %q", path, line) end
    local cp = tonumber(hex, 16)
    if class ~= "0" then ccc[cp] = tonumber(class) end
    if mapping ~= "" then
      compatible[cp] = mapping:sub(1, 1) == "<"
      step[cp] = {}
      for target in mapping:gsub("^<%w+> ", ""):gmatch("%x+") do table.insert(step[cp], tonumber(target, 16)) end
    end
  end
  f:close()
end

local qc = {} -- form -> code point -> "N" | "M"
for _, form in ipairs(FORMS) do qc[form] = {} end
local excluded, version = {}, nil

local function read_properties()
  local f, path = open_data("DerivedNormalizationProps.txt")
  for line in f:lines() do
    version = version or line:match("^# DerivedNormalizationProps%-([%d.]+)%.txt")
    local first, rest = line:match("^(%x+)(.*)$")
    if first then
      local last = rest:match("^%.%.(%x+)") or first
      local property, value = rest:match(";%s*([%w_]+)%s*;?%s*(%w*)")
      local form = property:match("^(NFK?[CD])_QC$")
      for cp = tonumber(first, 16), tonumber(last, 16) do
        if form then qc[form][cp] = value end
        if property == "Full_Composition_Exclusion" then excluded[cp] = true end
      end
    end
  end
  f:close()
  if not version or not next(qc.NFKD) then die("%s does not look like the file of that name", path) end
end

read_unicode_data()
read_properties()

-- ---------------------------------------------------------------- properties

local function is_hangul_syllable(cp) return cp >= 0xAC00 and cp <= 0xD7A3 end

--- Appends the full decomposition of `cp`, with or without compatibility, to `list`.
local function decompose(cp, with_compatible, list)
  local parts = step[cp]
  if not parts or (compatible[cp] and not with_compatible) then
    list[#list + 1] = cp
  else
    for _, part in ipairs(parts) do decompose(part, with_compatible, list) end
  end
  return list
end

local function is_plain(cp, form) return not qc[form][cp] and not ccc[cp] end

--- Whether nothing before `cp` can change together with it.
local function is_boundary(cp, form)
  local first = decompose(cp, form:find("K", 1, true) ~= nil, {})[1]
  if ccc[first] then return false end
  return form:find("D", 1, true) ~= nil or qc[form][first] ~= "M"
end

local pairs_of = {} -- first -> list of {second, composite}
for cp, parts in pairs(step) do
  if not compatible[cp] and not excluded[cp] then
    if #parts ~= 2 then die("U+%04X decomposes to %d code points yet composes", cp, #parts) end
    pairs_of[parts[1]] = pairs_of[parts[1]] or {}
    table.insert(pairs_of[parts[1]], { parts[2], cp })
  end
end

-- ---------------------------------------------------------------- records

local LAST = 1 << 21
local cps, cps_at, longest = { 0 }, {}, 3 -- offset 0: no decomposition; a Hangul syllable has up to 3 parts
local pair_rows, records, record_at = { "{UINT32_MAX, 0}" }, {}, {}

local function put_decomposition(list)
  local words = {}
  longest = math.max(longest, #list)
  for i, cp in ipairs(list) do
    words[i] = cp | (ccc[cp] or 0) << 24 | (i == #list and LAST or 0)
  end
  local key = table.concat(words, ",")
  if not cps_at[key] then
    cps_at[key] = #cps
    for _, word in ipairs(words) do cps[#cps + 1] = word end
  end
  return cps_at[key]
end

local function put_pairs(list)
  if not list then return 0 end
  table.sort(list, function(a, b) return a[1] < b[1] end)
  local at = #pair_rows
  for _, row in ipairs(list) do pair_rows[#pair_rows + 1] = ("{0x%X, 0x%X}"):format(row[1], row[2]) end
  pair_rows[#pair_rows + 1] = "{UINT32_MAX, 0}"
  return at
end

local function flags_of(cp)
  local flags = 0
  for i, form in ipairs(FORMS) do
    if is_plain(cp, form) then flags = flags | 1 << (i - 1) end
    if is_boundary(cp, form) then flags = flags | 16 << (i - 1) end
    if is_plain(cp, form) and not is_boundary(cp, form) then die("U+%04X is plain in %s but no boundary", cp, form) end
  end
  return flags
end

local function record_of(cp)
  local canon, compat = 0, 0
  if step[cp] then
    compat = put_decomposition(decompose(cp, true, {}))
    if not compatible[cp] then canon = put_decomposition(decompose(cp, false, {})) end
  end
  local text = ("{%d, %d, %d, %d, 0x%02X}"):format(canon, compat, put_pairs(pairs_of[cp]), ccc[cp] or 0, flags_of(cp))
  if not record_at[text] then
    record_at[text] = #records
    records[#records + 1] = text
  end
  return record_at[text]
end

record_of(0) -- the record of all that normalisation leaves alone

-- ---------------------------------------------------------------- pages

local BITS = 6
local SIZE = 1 << BITS

local function is_special(cp)
  if ccc[cp] or step[cp] or pairs_of[cp] or is_hangul_syllable(cp) then return true end
  for _, form in ipairs(FORMS) do if qc[form][cp] then return true end end
  return false
end

local last = 0
for cp = 0, CODE_POINTS - 1 do if is_special(cp) then last = cp end end

local index, pages, seen = {}, {}, {}
for page = 0, last >> BITS do
  local row = {}
  for cp = page << BITS, (page << BITS) + SIZE - 1 do
    row[#row + 1] = tostring(is_special(cp) and record_of(cp) or 0)
  end
  local text = table.concat(row, ", ")
  if not seen[text] then
    seen[text] = #pages
    pages[#pages + 1] = "    {" .. text .. "}"
  end
  index[#index + 1] = tostring(seen[text])
end
if #records > 0xFFFF or #cps > 0xFFFF or #pair_rows > 0xFFFF then die("offsets no longer fit 16 bits") end

-- ---------------------------------------------------------------- scanning rules

-- A scan stops at a lead byte of `stop`, and where one of the rules matches: lead, second and third byte, each
-- given by its possible high and low half; "" stands for any.  A rule's leads share one high half.  A form has at
-- most eight.
local STOP = {
  NFC = "CC-DF E0 EE F0-F4",
  NFD = "C3-DF E0 E1 EA-EE F0-F4",
  NFKC = "C4-DF E0 E1 EA EE EF F0-F4",
  NFKD = "C3-DF E0 E1 EA-EE EF F0-F4",
}

local COMPOSED = {
  { "E1 EA EF", "89A", "" },                                      -- not Hangul
  { "EF", "B", "0123456789AB" },                                  -- all but full and half width
  { "E3", "8", "0", "A", "" },                                    -- tone marks
  { "E2", "8", "0", "8", "01" },                                  -- U+2000, U+2001
  { "E2", "8", "34C" }, { "E2", "AB", "" },                       -- letterlike, brackets; Coptic, radicals and others
  { "E3", "8", "2", "9", "" },                                    -- voiced sound marks
  { "E1", "B", "01234567CDEF" },                                  -- not Latin with marks
}
local DECOMPOSED = {
  { "EF", "89A", "" }, { "EF", "B", "0123456789AB" }, { "E3", "8", "0", "A", "" }, { "E2", "8", "0", "8", "01" },
  { "E2", "8", "346789ABC" }, { "E2", "AB", "" },
  { "E3", "8", "123" },                                           -- kana
}
local COMPATIBLE = {
  { "C2", "AB", "0234589ACDEF" },                                 -- not « » ·
  { "E2", "8AB", "123456789ABCDEF" }, { "E2", "9AB", "0123" },    -- not lines, blocks and shapes
  { "E2 E3", "8", "0", "AB", "" },                                -- ellipsis, primes
  { "E2", "8", "0", "8", "" }, { "E2", "8", "0", "9", "17" },     -- spaces; not dashes and quotation marks
  { "E3", "8", "0", "8", "0" },                                   -- ideographic space
  { "E3", "8", "12345689ABCDEF" },
}
local RULES = { NFC = COMPOSED, NFD = DECOMPOSED, NFKC = COMPATIBLE, NFKD = COMPATIBLE }

local function zeros(n)
  local t = {}
  for i = 0, n - 1 do t[i] = 0 end
  return t
end

--- Sets bit `rule` of the halves that `digits` names in table t.
local function mark(t, digits, rule)
  if not digits or digits == "" then digits = "0123456789ABCDEF" end
  for digit in digits:gmatch("%x") do
    local i = tonumber(digit, 16)
    t[i] = t[i] | 1 << rule
  end
end

local PARTS = { "stop_hi", "stop_lo", "lead_hi", "lead_lo", "second_hi", "second_lo", "third_hi", "third_lo" }

local function halves_of(form)
  local h = {}
  for _, name in ipairs(PARTS) do h[name] = zeros(16) end
  for first, to in STOP[form]:gmatch("(%x%x)%-?(%x*)") do
    for lead = tonumber(first, 16), tonumber(to ~= "" and to or first, 16) do
      mark(h.stop_hi, ("%X"):format(lead >> 4), (lead >> 4) - 8)
      mark(h.stop_lo, ("%X"):format(lead & 15), (lead >> 4) - 8)
    end
  end
  for i, rule in ipairs(RULES[form]) do
    for lead in rule[1]:gmatch("%x%x") do
      mark(h.lead_hi, lead:sub(1, 1), i - 1)
      mark(h.lead_lo, lead:sub(2, 2), i - 1)
    end
    mark(h.second_hi, rule[2], i - 1)
    mark(h.second_lo, rule[3], i - 1)
    mark(h.third_hi, rule[4], i - 1)
    mark(h.third_lo, rule[5], i - 1)
  end
  return h
end

--- The rules by whole bytes: bit 8 for a lead that always stops.
local function bytes_of(h)
  local b = { lead = {}, second = {}, third = {} }
  for byte = 0, 255 do
    local hi, lo = byte >> 4, byte & 15
    local stop = h.stop_hi[hi] & h.stop_lo[lo] ~= 0
    b.lead[byte] = h.lead_hi[hi] & h.lead_lo[lo] | (stop and 0x100 or 0)
    b.second[byte] = h.second_hi[hi] & h.second_lo[lo] | 0x100
    b.third[byte] = h.third_hi[hi] & h.third_lo[lo] | 0x100
  end
  return b
end

local function check_rules(form, b)
  for cp = 0x80, CODE_POINTS - 1 do
    if not (is_plain(cp, form) or (cp >= 0xD800 and cp <= 0xDFFF)) then
      local b1, b2, b3 = utf8.char(cp):byte(1, 3)
      if b.lead[b1] & b.second[b2] & b.third[b3 or 0] == 0 then
        die("the scanning rules for %s miss U+%04X", form, cp)
      end
    end
  end
end

local half_rows, byte_rows = {}, {}
for _, form in ipairs(FORMS) do
  local h = halves_of(form)
  local b = bytes_of(h)
  for cp = 0xAC00, 0xD7A3 do -- Hangul: no file gives their decompositions one by one
    if (qc[form][cp] == "N") ~= (form:find("D", 1, true) ~= nil) then die("U+%04X has the wrong %s_QC", cp, form) end
  end
  check_rules(form, b)
  local rows = {}
  for i, name in ipairs(PARTS) do
    local row = {}
    for half = 0, 15 do row[#row + 1] = ("0x%02X"):format(h[name][half]) end
    rows[i] = "     {" .. table.concat(row, ", ") .. "}, /* " .. name .. " */"
  end
  half_rows[#half_rows + 1] = "    { /* " .. form .. " */\n" .. table.concat(rows, "\n") .. "\n    }"
  rows = {}
  for i, name in ipairs { "lead", "second", "third" } do
    local row = {}
    for byte = 0, 255 do row[#row + 1] = ("0x%X"):format(b[name][byte]) end
    rows[i] = "     {" .. table.concat(row, ", ") .. "}"
  end
  byte_rows[#byte_rows + 1] = "    { /* " .. form .. " */\n" .. table.concat(rows, ",\n") .. "\n    }"
end

-- ---------------------------------------------------------------- writing

local function package_version()
  local pipe = io.popen("dpkg-query -W -f='${Version}' " .. package_name .. " 2>/dev/null")
  local v = pipe and pipe:read("l")
  if pipe then pipe:close() end
  return v and v ~= "" and ", " .. package_name .. " " .. v or ""
end

local h = {}
local function put(format, ...) h[#h + 1] = select("#", ...) > 0 and format:format(...) or format end

local function put_list(items, separator, per_line)
  for i = 1, #items, per_line do
    put("    " .. table.concat(items, separator, i, math.min(i + per_line - 1, #items)) .. ",")
  end
  put("};")
  put("")
end

local words = {}
for i, word in ipairs(cps) do words[i] = ("0x%X"):format(word) end

put("/* Generated by core/gen/norm.lua from Unicode %s (UnicodeData.txt, DerivedNormalizationProps.txt%s). */", version,
    package_version())
put("#include <stdint.h>")
put("")
put("enum {")
put("    NORM_PAGE_BITS = %d,", BITS)
put("    NORM_PAGES = %d, /* code points from NORM_PAGES << NORM_PAGE_BITS have record 0 */", #index)
put("    NORM_DECOMPOSED = %d, /* code points of the longest decomposition */", longest)
put("    NORM_CP = 0x1FFFFF, /* a word of norm_word: the code point, */")
put("    NORM_LAST = 0x%X, /* whether the decomposition ends here, */", LAST)
put("    NORM_CLASS_SHIFT = 24 /* and its combining class */")
put("};")
put("")
put("#ifdef NORM_WANT_RECORDS")
put("static const uint16_t norm_page[NORM_PAGES] = {")
put_list(index, ", ", 24)
put("static const uint16_t norm_cell[%d][%d] = {", #pages, SIZE)
put(table.concat(pages, ",\n"))
put("};")
put("")
put("/* Offsets into norm_word, 0: none; into norm_pair; combining class; form f: bit f plain, bit f + 4 boundary. */")
put("static const struct norm_record {")
put("    uint16_t canon, compat, pairs;")
put("    uint8_t ccc, flags;")
put("} norm_record[] = {")
put_list(records, ", ", 6)
put("static const uint32_t norm_word[] = {")
put_list(words, ", ", 14)
put("static const struct norm_pair {")
put("    uint32_t second, composite;")
put("} norm_pair[] = {")
put_list(pair_rows, ", ", 6)
put("#endif")
put("")
put("#ifdef NORM_WANT_RULES")
put("/* A scan stops where lead, second and third share a bit. */")
put("static const struct norm_bytes {")
put("    uint16_t lead[256], second[256], third[256];")
put("} norm_bytes[4] = {")
put(table.concat(byte_rows, ",\n"))
put("};")
put("")
put("/* The same by half bytes: where stop_hi and stop_lo share a bit, or all the others do. */")
put("static const struct norm_halves {")
put("    uint8_t %s[16];", table.concat(PARTS, "[16], "))
put("} norm_halves[4] = {")
put(table.concat(half_rows, ",\n"))
put("};")
put("#endif")

local f, msg = io.open(out .. ".part", "wb")
if not f then die("%s", msg) end
f:write(table.concat(h, "\n"), "\n")
if not f:close() then die("cannot write %s", out) end
assert(os.rename(out .. ".part", out))
