-- manual.lua: man pages and shell completions, made from the declarations that --help is made from.
local help = require "ds.help"
local options = require "ds.options"
local order = require "ds.order"

local manual = {}

-- ------------------------------------------------------------------ man pages

-- Text for roff: no control lines, hyphens that can be searched for.
local function roff(text)
  return (text:gsub("\\", "\\e"):gsub("%-", "\\-"):gsub("%f[^\n\0][.']", "\\&%0"))
end

local function value_word(o)
  if o.type == "choice" then return table.concat(o.choices, "|") end
  return o.value or options.TYPES[o.type]
end

local function option_items(list, out)
  for _, o in ipairs(list) do
    local value = value_word(o)
    local names = (o.short and "\\-" .. o.short .. ", " or "") .. "\\-\\-" .. roff(o[1])
    out[#out + 1] = ".TP\n\\fB" .. names .. "\\fR" .. (value and " \\fI" .. roff(value) .. "\\fR" or "")
    out[#out + 1] = roff(help.option_text(o))
  end
end

local function page(name, about, version)
  return { (".TH %s 1 \"\" \"ds %s\" \"ds\""):format(name:upper(), version), ".SH NAME",
    roff(name) .. " \\- " .. roff(about), ".SH SYNOPSIS" }
end

--- The man page of the program.
---@param version string
---@return string
function manual.host(version)
  local out = page("dsrun", "analyses of Chinese news text", version)
  out[#out + 1] = ".B dsrun\n[options] PLUGIN [options] [CORPUS\\&...]\n.br"
  out[#out + 1] = ".B dsrun\n[options] \\-e CODE [CORPUS\\&...]"
  out[#out + 1] = ".SH DESCRIPTION\n" .. roff(help.INTRODUCTION)
  out[#out + 1] = ".SH OPTIONS"
  option_items(options.host, out)
  out[#out + 1] = ".SH EXIT STATUS"
  for _, row in ipairs(help.STATUSES) do out[#out + 1] = (".TP\n.B %d\n%s"):format(row[1], roff(row[2])) end
  out[#out + 1] = ".SH ENVIRONMENT\n.TP\n.B DS_DATA\nA directory with data, searched last."
  out[#out + 1] = ".TP\n.B NO_COLOR\nNo colour on a terminal."
  return table.concat(out, "\n") .. "\n"
end

--- The man page of a plugin.
---@param p ds.LoadedPlugin
---@param version string
---@return string
function manual.plugin(p, version)
  local name = "dsrun-" .. p.name:match("([^/]*)$"):gsub("%.lua$", "")
  local out = page(name, p.about or "an analysis", version)
  out[#out + 1] = (".B dsrun %s\n[options] %s"):format(roff(p.name), roff((help.OPERANDS[p.input]:gsub("…", "..."))))
  if p.about then out[#out + 1] = ".SH DESCRIPTION\n" .. roff(p.about .. ".") end
  if p.example then out[#out + 1] = ".SH EXAMPLE\n.nf\n" .. roff(p.example) .. "\n.fi" end
  if #p.options > 0 then
    out[#out + 1] = ".SH OPTIONS"
    option_items(p.options, out)
  end
  for i, t in ipairs(p.tables) do
    if i == 1 then out[#out + 1] = ".SH TABLES" end
    out[#out + 1] = ".SS " .. roff(t.name)
    for _, c in ipairs(t.columns) do
      out[#out + 1] = (".TP\n\\fB%s\\fR (%s)\n%s"):format(roff(c.name), c.type, roff(c.help or "-"))
    end
  end
  out[#out + 1] = ".SH SEE ALSO\n.BR dsrun (1)"
  return table.concat(out, "\n") .. "\n"
end

-- ------------------------------------------------------------------ completion

local FILES = { file = true, dir = true, output = true }

-- The words "--name" and "-x" of options, and those after which a file or a choice comes.
local function survey(list)
  local words, files, choices = {}, {}, {}
  for _, o in ipairs(list) do
    local spelled = { "--" .. o[1], o.short and "-" .. o.short or nil }
    for _, word in ipairs(spelled) do
      words[#words + 1] = word
      if FILES[o.type] then files[#files + 1] = word end
      if o.choices then choices[word] = table.concat(o.choices, " ") end
    end
  end
  return words, files, choices
end

local function bash(plugins)
  local words, files, choices = survey(options.host)
  local out = { "# bash completion of dsrun; made by dsrun --completion bash", "_dsrun() {",
    "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} word plugin=",
    "  COMPREPLY=()", "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do", "    case $word in" }
  for _, p in ipairs(plugins) do out[#out + 1] = ("      %s) plugin=%s; break ;;"):format(p.name, p.name) end
  out[#out + 1] = "    esac\n  done\n  case $prev in"
  for _, word in ipairs(order.keys(choices)) do
    out[#out + 1] = ("    %s) COMPREPLY=($(compgen -W '%s' -- \"$cur\")); return ;;"):format(word, choices[word])
  end
  out[#out + 1] = ("    %s) compopt -o default; return ;;\n  esac"):format(table.concat(files, "|"))
  out[#out + 1] = ("  local words='%s'\n  case $plugin in"):format(table.concat(words, " "))
  local names = {}
  for i, p in ipairs(plugins) do
    names[i] = p.name
    local own = survey(p.options)
    if #own > 0 then out[#out + 1] = ("    %s) words=\"$words %s\" ;;"):format(p.name, table.concat(own, " ")) end
  end
  out[#out + 1] = ("    '') [[ $cur == -* ]] || words='%s' ;;\n  esac"):format(table.concat(names, " "))
  out[#out + 1] = "  if [[ -n $plugin && $cur != -* ]]; then compopt -o default; return; fi"
  out[#out + 1] = "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))"
  out[#out + 1] = "  [[ -n $plugin || ${#COMPREPLY[@]} -gt 0 ]] || compopt -o default\n}"
  out[#out + 1] = "complete -F _dsrun dsrun"
  return table.concat(out, "\n") .. "\n"
end

local function zsh_quote(s) return (s:gsub("'", "'\\''"):gsub("[%[%]:]", "\\%0")) end

local function zsh_options(list, out)
  for _, o in ipairs(list) do
    local action = o.type == "boolean" and "" or FILES[o.type] and ":file:_files"
      or o.choices and (":value:(%s)"):format(table.concat(o.choices, " ")) or ":value: "
    for _, word in ipairs { "--" .. o[1], o.short and "-" .. o.short or nil } do
      out[#out + 1] = ("    '%s[%s]%s'"):format(word, zsh_quote(o.help or ""), action)
    end
  end
end

local function zsh(plugins)
  local out = { "#compdef dsrun", "# made by dsrun --completion zsh", "_dsrun() {", "  local -a host plugins own",
    "  host=(" }
  zsh_options(options.host, out)
  out[#out + 1] = "  )\n  plugins=("
  for _, p in ipairs(plugins) do out[#out + 1] = ("    '%s:%s'"):format(p.name, zsh_quote(p.about or "")) end
  out[#out + 1] = "  )\n  local word plugin=\n  for word in ${words[2,CURRENT-1]}; do\n    case $word in"
  for _, p in ipairs(plugins) do
    out[#out + 1] = ("    %s) plugin=$word; own=("):format(p.name)
    zsh_options(p.options, out)
    out[#out + 1] = "    ); break ;;"
  end
  out[#out + 1] = "    esac\n  done"
  out[#out + 1] = "  if [[ -n $plugin ]]; then _arguments $host $own '*:corpus:_files'; return; fi"
  out[#out + 1] = "  _arguments $host '*:plugin: _describe plugin plugins -- || _files'\n}"
  out[#out + 1] = "_dsrun \"$@\""
  return table.concat(out, "\n") .. "\n"
end

local function fish_quote(s) return "'" .. s:gsub("[\\']", "\\%0") .. "'" end

local function fish_options(list, condition, out)
  for _, o in ipairs(list) do
    local line = "complete -c dsrun" .. condition .. " -l " .. o[1] .. (o.short and " -s " .. o.short or "")
    if o.choices then line = line .. " -x -a " .. fish_quote(table.concat(o.choices, " "))
    elseif FILES[o.type] then line = line .. " -r"
    elseif o.type ~= "boolean" then line = line .. " -x" end
    out[#out + 1] = line .. " -d " .. fish_quote(o.help or "")
  end
end

local function fish(plugins)
  local names = {}
  for i, p in ipairs(plugins) do names[i] = p.name end
  local all = table.concat(names, " ")
  local out = { "# made by dsrun --completion fish" }
  fish_options(options.host, "", out)
  for _, p in ipairs(plugins) do
    out[#out + 1] = ("complete -c dsrun -n 'not __fish_seen_subcommand_from %s' -a %s -d %s")
      :format(all, p.name, fish_quote(p.about or ""))
    fish_options(p.options, (" -n '__fish_seen_subcommand_from %s'"):format(p.name), out)
  end
  return table.concat(out, "\n") .. "\n"
end

local SHELLS = { bash = bash, zsh = zsh, fish = fish }

--- A completion script.
---@param shell "bash"|"zsh"|"fish"
---@param plugins ds.LoadedPlugin[] those that can be called by name
---@return string
function manual.completion(shell, plugins) return SHELLS[shell](plugins) end

return manual
