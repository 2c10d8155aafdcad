-- messages.lua: what the host says, in the reader's language: English, or Chinese under LANG=zh_*.
--
-- The English text is the key, formats included; what has no Chinese stays English.  One catalogue in Simplified
-- characters serves both scripts: zh_TW, zh_HK and zh_MO get it converted by the library, with the words of the region.
-- Names of options, columns and hooks are not translated, nor are errors inside a plugin's code, which are about names.
local messages = {}

local ZH <const> = {
  -- the help of the host's options
  ["a report to read, as text or as one html page; or data: one table as tsv or csv, every table as jsonl"] =
    "供阅读的报告（文本或一个 html 网页），或数据：tsv、csv 输出一张表，jsonl 输出所有表",
  ["begin csv and tsv with a byte order mark, by which spreadsheet programs know UTF-8"] =
    "csv、tsv 以字节顺序标记开头，电子表格程序据此识别 UTF-8",
  ["--bom belongs to -f csv and -f tsv"] = "--bom 只用于 -f csv 和 -f tsv",
  ["write there instead of standard output; whole or not at all"] = "写入该文件而非标准输出；要么完整写出，要么不写",
  ["the table that tsv and csv write (default: the first by name)"] = "tsv 和 csv 输出哪张表（默认：按名称的第一张）",
  ["only articles for which EXPR holds: date >= 2025-01-01 and script = Hant"] =
    "只处理符合 EXPR 的文章：date >= 2025-01-01 and script = Hant",
  ["the format of every file, instead of what its name and content tell"] = "所有文件的格式，不再由文件名和内容判断",
  ["the encoding of every file, instead of what its bytes tell"] = "所有文件的编码，不再由字节判断",
  ["which key or column is which: text=content,date=pubdate (CSV, TSV, JSON)"] =
    "哪个键或列对应哪个字段：text=content,date=pubdate（CSV、TSV、JSON）",
  ["words of your own, a line each: word [freq] [pos]"] = "自定义词典，每行一个：词 [词频] [词性]",
  ["workers: threads that read and map articles; 0: one for each processor"] = "读取和处理文章的线程数；0 表示每个处理器一个",
  ["map with one worker and again with several in another order, and say where results differ"] =
    "先用一个线程、再用多个线程按另一顺序处理，并指出结果的差别",
  ["one task of many: articles as JSON lines on standard input to partials (doc/SCALE.md)"] =
    "众多任务之一：从标准输入读取 JSON 行格式的文章，输出中间结果（见 doc/SCALE.md）",
  ["the partials of all tasks on standard input to the result"] = "从标准输入读取所有任务的中间结果，得出最终结果",
  ["map every N-th file of the corpus, from the I-th on"] = "从第 I 个文件起，每 N 个文件处理一个",
  ["what --shard writes"] = "--shard 写出的文件",
  ["no PLUGIN: the states of all shards to the result"] = "不带 PLUGIN：把所有分片的状态合并为结果",
  ["write there what the result was made of; `dsrun verify --manifest FILE` makes it again"] =
    "写出结果由何而来；`dsrun verify --manifest FILE` 可重做并比较",
  ["of articles that copy one another, cluster: only the earliest counts; weight: together they count as one"] =
    "cluster：互相抄录的文章只取最早的一篇，其余跳过并计数",
  ["where math.random starts"] = "math.random 的种子",
  ["input that cannot be read: name it and go on, list all at the end, or stop"] = "无法读取的输入：指出后继续、最后一并列出，或停止",
  ["end the run after S seconds and keep what there is"] = "运行 S 秒后结束，保留已有结果",
  ["end an article after S seconds of processor time and go on with the next"] = "一篇文章用满 S 秒处理器时间即结束，继续下一篇",
  ["what each worker may use, as 512M or 2G (default: three quarters of the machine's)"] =
    "每个线程可用的内存，如 512M 或 2G（默认：本机内存的四分之三）",
  ["let the plugin do what Lua can: files, programs, modules"] = "允许插件做 Lua 能做的一切：文件、程序、模块",
  ["no summary and no progress on standard error"] = "标准错误上不显示总结和进度",
  ["no progress on standard error"] = "标准错误上不显示进度",
  ["run CODE instead of a plugin, with `ds`, `corpus` and `arg`"] = "不用插件，直接运行 CODE，可用 `ds`、`corpus` 和 `arg`",
  ["list the plugins that can be called by name"] = "列出可按名称调用的插件",
  ["run again whenever the plugin's file changes"] = "插件文件改动后重新运行",
  ["a prompt, with `ds` and `corpus`"] = "交互提示符，可用 `ds` 和 `corpus`",
  ["no PLUGIN: a request a line on standard input, an answer a line on standard output, in JSON (doc/HOSTS.md)"] =
    "不带 PLUGIN：标准输入每行一个请求，标准输出每行一个回答，均为 JSON（见 doc/HOSTS.md）",
  ["print a completion script for the shell"] = "输出 shell 的补全脚本",
  ["print the man page, or after PLUGIN that of the plugin"] = "输出手册页；写在 PLUGIN 之后则是该插件的手册页",
  ["this, or after PLUGIN what it can do"] = "显示本帮助；写在 PLUGIN 之后则显示该插件的用法",
  ["print the version"] = "显示版本",
  -- --help
  ["usage: dsrun [options] PLUGIN [options] [CORPUS…]"] = "用法：dsrun [选项] PLUGIN [选项] [CORPUS…]",
  ["       dsrun [options] -e CODE [CORPUS…]"] = "      dsrun [选项] -e CODE [CORPUS…]",
  ["usage: dsrun %s [options] %s"] = "用法：dsrun %s [选项] %s",
  ["Runs an analysis over Chinese news text.  PLUGIN is a path to a .lua file, or a name from --list."] =
    "对中文新闻文本进行分析。PLUGIN 是 .lua 文件的路径，或 --list 列出的名称。",
  ["CORPUS: directories, files or - (standard input); none means the bundled corpus.\n" ..
    "Of a directory the files of known formats are read: text, Markdown, HTML, JSON, CSV, TSV,\n" ..
    "CoNLL-U and VRT, also with .gz or .zst; hidden ones are left out.  A file that you name is\n" ..
    "read whatever its ending."] =
    "CORPUS：目录、文件或 -（标准输入）；不写则用自带的语料。\n目录中读取已知格式的文件：文本、Markdown、HTML、JSON、CSV、TSV、" ..
    "CoNLL-U 和 VRT，\n也可带 .gz 或 .zst；隐藏文件除外。直接指定的文件不论后缀都会读取。",
  ["FILE: read line by line, no bytes touched; none or - means standard input."] = "FILE：逐行读取，字节不变；不写或写 - 表示标准输入。",
  ["Options, on either side of PLUGIN:"] = "选项，可写在 PLUGIN 之前或之后：",
  ["dsrun PLUGIN --help tells the options and tables of one plugin."] = "dsrun PLUGIN --help 说明一个插件的选项和表。",
  ["Exit status: 0 done; 1 some input was rejected, or the output could not be written; 2 wrong usage; 3 the plugin\n" ..
    "failed; 4 a limit was reached, the results are partial and say so."] =
    "退出状态：0 完成；1 有输入被拒绝，或输出无法写入；2 用法错误；3 插件出错；\n4 达到限制，结果不完整并已注明。",
  ["Example:"] = "示例：", ["Options of this plugin:"] = "本插件的选项：",
  ["Tables, as -f tsv, csv and jsonl write them:"] = "表，由 -f tsv、csv 和 jsonl 输出：",
  ["Options of the host: dsrun --help"] = "通用选项：dsrun --help",
  ["A plain script: it declares no options of its own."] = "普通脚本，没有自己的选项。",
  ["(needed)"] = "（必需）", ["(on; --no-%s turns it off)"] = "（默认开启；--no-%s 关闭）", ["(default: %s)"] = "（默认：%s）",
  -- wrong usage
  ["no PLUGIN given; `dsrun --list` names them, `dsrun --help` tells more"] =
    "没有指定 PLUGIN；`dsrun --list` 列出名称，`dsrun --help` 说明用法",
  ["no plugin is called '%s'%s\n  there are: %s"] = "没有名为“%s”的插件%s\n  现有：%s",
  ["no plugin is called '%s'%s\n  there are %s"] = "没有名为“%s”的插件%s\n  %s",
  ["unknown option %s%s%s"] = "未知选项 %s%s%s", ["option %s %s"] = "选项 %s：%s",
  ["; did you mean '%s'?"] = "；是不是“%s”？", ["; did you mean %s?"] = "；是不是 %s？",
  [" (a plugin's options stand behind its name)"] = "（插件的选项写在插件名之后）",
  ["--%s wants %s, not '%s'"] = "--%s 应为%s，而不是“%s”", ["option --%s is needed"] = "缺少选项 --%s",
  ["option --%s FILE is needed"] = "缺少选项 --%s FILE",
  ["an integer"] = "整数", ["a number"] = "数", ["a number of seconds above 0"] = "大于 0 的秒数",
  ["a size of at least 16M, such as 512M or 2G"] = "不小于 16M 的大小，如 512M 或 2G",
  ["--table belongs to -f tsv and -f csv"] = "--table 只用于 -f tsv 和 -f csv",
  ["%s has no table '%s'%s"] = "%s 没有名为“%s”的表%s",
  ["%s declares no tables: only -f text has something to show"] = "%s 没有声明表：只有 -f text 有内容可显示",
  ["--where belongs to plugins that read articles, which %s does not"] = "--where 只用于读取文章的插件，%s 不读取文章",
  ["--%s belongs to plugins with tables; %s is a plain script"] = "--%s 只用于有表的插件；%s 是普通脚本",
  ["%s: is there already and is never overwritten; --%s FILE writes elsewhere"] = "%s：已经存在，不会覆盖；用 --%s FILE 写到别处",
  ["there are %s"] = "%s",
  ["--jobs wants a number from 0 to 1024"] = "--jobs 应为 0 到 1024 的数",
  ["%s writes a store: --%s has no place here"] = "%s 写的是库文件：这里不能用 --%s",
  ["name the store first: dsrun %s news.dsc …"] = "请先写库文件名：dsrun %s news.dsc …",
  ["name what to read behind %s: files, directories, -"] = "请在 %s 之后写出要读取的内容：文件、目录或 -",
  ["--%s and --%s: one of them"] = "--%s 和 --%s 只能用一个",
  ["--manifest belongs to a run in one piece, not to --%s"] = "--manifest 用于完整的一次运行，不用于 --%s",
  ["--dedup wants all articles at once, which a part of a run has not: leave the copies out before"] =
    "--dedup 需要一次看到所有文章，部分运行做不到：请事先去掉重复的文章",
  ["--dedup belongs to plugins that read articles, which %s does not"] = "--dedup 只用于读取文章的插件，%s 不读取文章",
  ["--state belongs to --shard"] = "--state 只与 --shard 一起使用",
  ["--merge takes no PLUGIN before it: write dsrun --merge FILE…"] = "--merge 之前不写 PLUGIN：dsrun --merge FILE…",
  ["%s: no operand such as %s is wanted here"] = "%s：这里不需要 %s 这样的参数",
  -- parts of a run
  ["--%s belongs to plugins that read articles, which %s does not"] = "--%s 只用于读取文章的插件，%s 不读取文章",
  ["--map is one task of many: -j has no place here"] = "--map 是众多任务之一：这里不能用 -j",
  ["--map reads standard input, not %s"] = "--map 读取标准输入，而不是 %s",
  ["%s wants to read articles again after all have been read, which --reduce cannot; --shard and --merge can"] =
    "%s 在读完所有文章之后要重读文章，--reduce 做不到；可用 --shard 和 --merge",
  ["--shard wants I/N with I from 1 to N, such as 3/8, not '%s'"] = "--shard 应为 I/N，I 从 1 到 N，如 3/8，而不是“%s”",
  ["--shard needs --state FILE, which it writes"] = "--shard 需要 --state FILE，即它要写的文件",
  ["--shard writes --state FILE; -o belongs to --merge"] = "--shard 写的是 --state FILE；-o 用于 --merge",
  ["--merge needs the files that --shard has written"] = "--merge 需要 --shard 写出的文件",
  ["--%s belongs to --shard: a merge takes it from the states"] = "--%s 只用于 --shard：合并时取自各分片的状态",
  ["%s reads articles again: --merge must run where the corpus is (%s)"] = "%s 要重读文章：--merge 必须在有语料的地方运行（%s）",
  ["standard input: line %d: cut short: no line end"] = "标准输入：第 %d 行：不完整，没有行尾",
  ["%s: no state that --shard has written, or a damaged one; write it again"] =
    "%s：不是 --shard 写出的状态，或已损坏；请重新写出",
  ["%s: a state without its head; write it again"] = "%s：状态文件缺少开头；请重新写出",
  ["%s reads no articles with these options: there are no parts to make of it"] = "%s 用这些选项时不读文章：没有可以分开的部分",
  ["shard %s has no end"] = "分片 %s 没有结尾", ["shard %s was made of a corpus with other files"] = "分片 %s 来自文件不同的语料",
  ["these are shards of two runs: %s, and others of %d"] = "这些分片属于两次运行：%s，另一些共 %d 片",
  ["shard %d/%d is missing: of %d, all must be there"] = "缺少分片 %d/%d：共 %d 片，必须齐全",
  ["%s: %s; these are no partials of `dsrun --map`, or they are damaged"] =
    "%s：%s；这不是 `dsrun --map` 的中间结果，或已损坏",
  ["%s: a partial of dsrun %s, this is %s"] = "%s：中间结果来自 dsrun %s，现在是 %s",
  ["part %s is not complete: %s; was its task killed, or a file cut short?"] =
    "部分 %s 不完整：%s；任务被中止，还是文件被截断？",
  ["passages are shown without their sentences: name the corpus behind the plugin"] =
    "显示的段落没有所在的句子：请在插件之后写出语料",
  ["a plugin that opens a file while articles are read cannot run in several workers; leave -j out"] =
    "读取文章时打开文件的插件不能用多个线程运行；请去掉 -j",
  -- the last words of a run
  ["%d article read"] = "已读 %d 篇文章", ["%d articles read"] = "已读 %d 篇文章", ["%d line read"] = "已读 %d 行",
  ["%d lines read"] = "已读 %d 行", [" (the bundled corpus)"] = "（自带语料）", ["%d skipped (%s)"] = "跳过 %d 篇（%s）",
  ["%d input rejected"] = "拒绝 %d 个输入", ["%d inputs rejected"] = "拒绝 %d 个输入", [", "] = "，",
  ["PARTIAL: "] = "结果不完整：", ["%d left out at a limit"] = "%d 篇因达到限制而略去",
  ["the run ended early at a limit"] = "运行因达到限制而提前结束",
  ["--where holds for none of %d articles"] = "%d 篇文章中没有一篇符合 --where",
  ["standard input is not read; name it with -"] = "没有读取标准输入；要读取请写 -",
  ["%s has changed"] = "%s 已改动", ["interrupted"] = "已中断",
  -- errors
  ["  phase: "] = "  阶段：", ["  article: "] = "  文章：", ["  line: "] = "  行：", ["  traceback:"] = "  调用栈：",
  ["in hook '%s'"] = "在钩子 '%s' 中", ["in the file itself"] = "在文件主体中", ["in function '%s'"] = "在函数 '%s' 中",
  ["in the function of line %d"] = "在第 %d 行的函数中",
  ["a pattern takes too many steps"] = "模式匹配的步数过多",
  ["the article takes longer than --article-timeout allows"] = "文章用时超过 --article-timeout",
  ["more memory is wanted than --memory allows"] = "所需内存超过 --memory",
  ["the run takes longer than --timeout allows"] = "运行用时超过 --timeout",
  ["no line editing: libedit.so.2 is not there (Debian's package libedit2)"] =
    "不能编辑行：没有 libedit.so.2（Debian 软件包 libedit2）",
  ['a request a line, such as {"call":"segment","text":"…"}; Ctrl-D ends'] =
    '每行一个请求，如 {"call":"segment","text":"…"}；Ctrl-D 结束',
  ["ds %s: Lua with `ds` and `corpus`; TAB completes, Ctrl-D ends\n"] =
    "ds %s：Lua，可用 `ds` 和 `corpus`；TAB 补全，Ctrl-D 结束\n",
}

local REGIONS <const> = { TW = "tw", HK = "hk", MO = "hk" }

-- The locale of messages as POSIX finds it.
local function locale()
  for _, name in ipairs { "LC_ALL", "LC_MESSAGES", "LANG" } do
    local value = os.getenv(name)
    if value and value ~= "" then return value end
  end
  return ""
end

local language = locale():match("^zh") and "zh" or "en"
local region = language == "zh" and (REGIONS[locale():match("^zh_(%u%u)") or ""] or locale():find("Hant") and "tw")
local converted = {}

local function regional(text)
  converted[text] = converted[text] or require("ds").utf8.traditional(text, { region = region }) or text
  return converted[text]
end

--- The reader's language, and how its Chinese is written.
---@return "en"|"zh" language
---@return "Hans"|"Hant" script
function messages.language() return language, region and "Hant" or "Hans" end

--- Simplified Chinese in the characters and words of the reader's region.
---@param chinese string
---@return string
function messages.localise(chinese) return region and regional(chinese) or chinese end

--- The English texts that have a Chinese one.
---@return table<string, string>
function messages.known() return ZH end

--- A text of the host in the reader's language.
---@param text string in English
---@return string
function messages.t(text)
  local chinese = language == "zh" and ZH[text]
  if not chinese then return text end
  return messages.localise(chinese)
end

return messages
