-- opencc.lua: reads OpenCC's compiled dictionaries (.ocd2) through its own program opencc_dict; for the other scripts
-- here, which load it as  loadfile(here .. "opencc.lua")(opencc_dict, data_dir, scratch, die).
--
-- opencc_dict  the program; data_dir  where the dictionaries lie; scratch  path of a file to write a dump to;
-- die(format, ...)  ends the script with a message.  Returns dictionary(name) -> { key -> list of values }.
local opencc_dict, data_dir, scratch, die = ...

local function quote(s) return "'" .. s:gsub("'", "'\\''") .. "'" end

if not os.execute("command -v " .. quote(opencc_dict) .. " >/dev/null 2>&1") then
  die("the program %s is missing; Debian has it in the package `opencc`", opencc_dict)
end

return function(name)
  local path = data_dir .. "/" .. name .. ".ocd2"
  local f = io.open(path, "rb")
  if not f then die("%s is missing; Debian has it in the package `libopencc1.1`", path) end
  f:close()
  os.remove(scratch)
  os.execute(("%s -i %s -o %s -f ocd2 -t text >/dev/null 2>&1"):format(quote(opencc_dict), quote(path), quote(scratch)))
  f = io.open(scratch, "rb") -- opencc_dict exits with 0 even when it fails
  local dump = f and f:read("a") or ""
  if f then f:close() end
  os.remove(scratch)
  local entries = {}
  for key, values in dump:gmatch("([^\t\n]+)\t([^\n]+)") do
    local list = {}
    for value in values:gmatch("%S+") do list[#list + 1] = value end
    entries[key] = list
  end
  if not next(entries) then die("%s: %s read no entries from it", path, opencc_dict) end
  return entries
end
