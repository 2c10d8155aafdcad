-- page_words.lua: the words of an HTML report in English and Chinese; the page holds both, and a switch.
--
-- The English text is the key.  Titles and labels of plugins that stand here are translated too, and so are names of
-- columns; what has no Chinese is shown as it is.
local esc = require("ds.page_text").escape

local words = {}

local ZH <const> = {
  -- the page
  ["Report"] = "报告", ["article"] = "篇文章", ["articles"] = "篇文章", ["lines"] = "行", ["Contents"] = "目录",
  ["About this report"] = "关于本报告", ["What was measured"] = "测量内容", ["Input"] = "输入", ["Articles read"] = "已读文章",
  ["Lines read"] = "已读行数", ["Skipped"] = "跳过", ["Rejected"] = "拒绝", ["Dates"] = "日期", ["Command"] = "命令", ["Version"] = "版本",
  ["Passed over"] = "未读文件", ["the bundled corpus"] = "自带语料", ["standard input"] = "标准输入", ["to"] = "至",
  ["Sources and passages"] = "来源与原文", ["Partial result"] = "结果不完整",
  ["Some input was rejected"] = "有输入被拒绝",
  ["It is not part of any figure here."] = "它们不计入本页任何数字。",
  ["more, not named here"] = "个未列出",
  ["Everything on this page comes from this one file; it asks no network for anything."] = "本页全部内容都在这一个文件里，不访问网络。",
  ["Light or dark"] = "深浅", ["Language"] = "语言",
  ["Page style: as the system, light, dark"] = "页面风格：随系统、浅色、深色",
  ["With scripts off, tables show their first rows and cannot be sorted; the data formats of dsrun have all rows."] =
    "关闭脚本时，表只显示前面的行，也不能排序；dsrun 的数据格式有全部的行。",
  -- tables
  ["filter"] = "筛选", ["Filter rows"] = "筛选行", ["rows"] = "行", ["row"] = "行", ["of"] = "/", ["found"] = "共", ["rows a page"] = "行每页", ["Previous"] = "上一页",
  ["Next"] = "下一页", ["no rows"] = "没有行", ["no row matches"] = "没有符合的行", ["passage"] = "原文", ["examples"] = "例子", ["Columns"] = "各列含义",
  ["passages"] = "段原文",
  ["shown"] = "显示", ["in this file"] = "在本文件中", ["All data"] = "全部数据", ["only"] = "仅", ["remove"] = "取消",
  ["found; the file would be too large with the others: -f tsv has all"] = "；其余未放入，以免文件过大：-f tsv 有全部",
  ["more characters"] = "个字符未显示", ["sort"] = "排序", ["All rows behind the figures of this page."] = "本页数字背后的所有行。",
  -- passages
  ["none"] = "无", ["Show more"] = "显示更多", ["Close"] = "关闭", ["Previous passage"] = "上一处", ["Next passage"] = "下一处",
  ["The whole article"] = "全文", ["Excerpts around the passages"] = "原文节选", ["source"] = "来源", ["file"] = "文件", ["untitled"] = "无题",
  ["The text of this article is not in this file."] = "本文件中没有这篇文章的正文。",
  ["further places of it are not in this file"] = "处未放入本文件",
  ["articles with their whole text"] = "篇文章，含全文", ["articles with excerpts around each passage"] = "篇文章，含各处原文的节选",
  ["articles could not be read again; their passages are missing"] = "篇文章无法再次读取，缺少原文",
  ["places are not shown, so that the file stays small"] = "处原文未放入，以免文件过大",
  ["No corpus was at hand: name it behind the plugin to get titles and passages."] = "没有语料可读：把语料写在插件之后，才有标题和原文。",
  ["Examples are looked for in the first articles only:"] = "例子只在前面的文章中查找：",
  -- charts
  ["nothing to draw"] = "没有可画的", ["no data"] = "无数据", ["from"] = "从", ["lowest"] = "最低", ["highest"] = "最高", ["at"] = "于",
  ["periods without data, shown as gaps"] = "个时段无数据，以空缺表示", ["points"] = "个点", ["nodes"] = "个节点", ["edges"] = "条边", ["bars"] = "项",
  ["largest"] = "最大", ["strongest"] = "最强",
  -- titles and labels of the stock plugins
  ["Articles"] = "文章", ["Sentences"] = "句子", ["Totals"] = "合计", ["Words"] = "词", ["Lines"] = "各行", ["Groups"] = "分组", ["Edges"] = "边",
  ["Nodes"] = "节点", ["Series"] = "序列", ["Changes"] = "变化", ["Speakers"] = "说话人", ["Quotations"] = "引语", ["Quantities"] = "数量",
  ["Kinds"] = "种类", ["Clusters"] = "相同段落", ["Sequences"] = "序列", ["Collocates"] = "搭配词", ["Key words"] = "关键词", ["Measures"] = "指标",
  ["Network"] = "网络", ["Numbers"] = "数字", ["Together"] = "合计", ["Most quoted"] = "被引最多", ["Who says what"] = "谁说了什么",
  ["Shared passages"] = "共有段落", ["New words"] = "新词", ["Price-war terms"] = "价格战用语", ["In their sentences"] = "所在的句子",
  ["Against"] = "反对", ["For"] = "支持", ["for"] = "支持", ["against"] = "反对", ["neither"] = "中性", ["Articles of each period"] = "各时段的文章", ["Each voice"] = "各说话人", ["Each term in each article"] = "各文章中的各词", ["Voices"] = "说话人", ["Over time"] = "随时间",
  ["Hits of each term"] = "各词次数", ["hits"] = "次", ["core vocabulary"] = "核心词次数", ["articles with a hit"] = "篇文章出现",
  ["articles read"] = "篇文章已读", ["articles name the target"] = "篇文章提到", ["sentences name it"] = "句提到",
  ["sentences for"] = "句支持", ["sentences against"] = "句反对", ["sentences neither"] = "句中性",
  ["characters"] = "字", ["per 10,000 characters"] = "每万字", ["quotations"] = "处引语", ["with a speaker"] = "处有说话人",
  ["marked words that nobody says"] = "处引号非引语", ["quantities"] = "个数量", ["articles with one"] = "篇文章出现",
  ["places"] = "处", ["lines shown"] = "行显示", ["articles with it"] = "篇文章出现", ["different words"] = "个不同的词", ["words"] = "个词", ["names"] = "个名称", ["compounds"] = "个复合词",
  ["passages of content"] = "段内容", ["passages of boilerplate"] = "段套话", ["lists of names"] = "份名单", ["units"] = "个单位", ["pairs"] = "对",
  ["edges kept"] = "条边保留", ["The most frequent"] = "最常见", ["Occurrences"] = "出现次数", ["Where they stand first"] = "首次出现之处",
  ["Where they stand together first"] = "首次同现之处", ["Words of the two groups"] = "两组的词",
  ["More frequent in the focus group"] = "焦点组较多", ["More frequent in the reference"] = "参照组较多",
  ["focus group"] = "焦点组", ["reference"] = "参照组", ["per million words, reference"] = "每百万词，参照组",
  ["per million words, focus group"] = "每百万词，焦点组", ["Articles, densest first (per 10,000 characters)"] = "文章，按密度（每万字）",
  ["Articles with the same content, by cluster and earliest article"] = "相同内容的文章数（按段落与最早文章）",
  ["Content of earlier articles"] = "含更早文章的内容", ["The longest, in both articles"] = "最长的段落，两篇对照",
  ["Articles in all"] = "文章总数", ["Hits in all"] = "总次数", ["periods"] = "个时段", ["changes"] = "处变化", ["other words near it"] = "个邻近词",
  ["Judges every sentence about a target: praised, blamed, or neither, by whom, and why"] =
    "判断提到目标的每一句话：褒、贬或中性，出自谁，依据何在",
  ["Counts price-war terms in every article"] = "统计每篇文章中的价格战用语",
  ["Finds every quotation, who says it, and by which words one knows"] = "找出每一处引语、谁说的、由哪些词得知",
  ["Finds what is said in numbers: money, shares, counts, ranges, dates, with value, unit and subject"] =
    "找出用数字说的内容：金额、比例、数目、范围、日期，附值、单位和所指",
  ["Shows how often terms or entities occur, or how a target is judged, over time"] = "用语或实体出现多少、目标如何被评价，随时间的变化",
  ["Finds the people, companies, products and places that are named, under all their spellings, and who is named with whom"] =
    "找出文中提到的人物、公司、产品和地点（各种写法合并），以及谁与谁一起出现",
  ["Compares what articles say of the same quantity, and shows where they cannot all be right"] =
    "比较各篇文章对同一数量的说法，指出哪些不可能都对",
  ["Finds the key words of one group of articles against another"] = "一组文章相对另一组的关键词",
  ["Draws a network of names or words that stand together more often than by chance"] = "名称或词的网络：同现多于偶然者相连",
  ["Finds passages that articles share: copies, quotations, boilerplate"] = "找出文章之间共有的段落：转载、引用、套话",
  ["Shows a word or phrase in its contexts (key word in context)"] = "一个词或短语及其上下文（KWIC）",
  ["Stance toward "] = "立场：", ["Collocates of "] = "搭配词：", ["Density of each article"] = "各文章的密度",
  ["Share of articles that are for"] = "支持的文章占比", ["Share of articles that are against"] = "反对的文章占比",
}

local COLUMNS <const> = {
  doc = "文章", id = "文章", date = "日期", source = "来源", title = "标题", author = "作者", text = "文本", term = "词", word = "词", n = "次数", docs = "篇数",
  n_words = "整词次数", chars = "字数", per_10k = "每万字", per_million = "每百万", core = "核心", terms = "词数", most = "最多", label = "立场",
  score = "得分", mentions = "提及", pos = "正", neg = "负", neu = "中", voice = "说话人", part = "部分", cues = "依据", speaker = "说话人", name = "名称",
  role = "身份", verb = "动词", type = "类型", quotes = "直接引语", indirect = "间接引语", value = "值", value_to = "至", unit = "单位", kind = "种类",
  approx = "约略", direction = "方向", about = "关于", left = "左", node = "节点", right = "右", period = "时段", articles = "文章数", rate = "比率",
  before = "之前", after = "之后", test = "检验", statistic = "统计量", group = "组", words = "词", key = "偏向", a = "甲", b = "乙", kinds = "种类",
  similarity = "相似度", cluster = "段落", sources = "来源数", shared = "共有字", share = "占比", earlier = "更早的文章", earlier_date = "其日期",
  sentences = "句数", paragraphs = "段数", script = "文字", what = "项目", degree = "度", strength = "强度", rank = "名次", cohesion = "凝合度",
  parts = "组成", freq = "词频", per_million_ref = "参照每百万", n_ref = "参照次数", docs_ref = "参照篇数", found = "找到", shown = "显示",
  ngram = "序列", from = "起", to = "止", query = "查询", line = "行", total = "总数", different = "不同", range = "部分数",
}

local function both(english, chinese, chosen)
  if not chinese then return esc(english) end
  return ('<span data-en="%s" data-zh="%s">%s</span>'):format(esc(english), esc(chinese), esc(chosen == "zh" and chinese or english))
end

--- Words for a page that begins in `language`.
---@param language "en"|"zh"
---@param localise fun(chinese: string): string into the characters and words of the reader's region
---@return ds.PageWords
function words.new(language, localise)
  ---@class ds.PageWords
  local self = { language = language }

  local function zh(english)
    local chinese = ZH[english]
    return chinese and localise(chinese)
  end

  --- A text of the page as HTML that the switch can turn.
  ---@param english string
  function self.t(english) return both(english, zh(english), language) end

  --- The same, as plain text in the language that the page begins in.
  ---@param english string
  function self.plain(english) return language == "zh" and zh(english) or english end

  --- A text as attributes, in both languages.
  ---@param names string of the attributes, blanks between: "aria-label title"
  ---@param english string
  function self.attribute(names, english)
    local value = esc(self.plain(english))
    return ('%s data-a="%s" data-en="%s" data-zh="%s"'):format(names:gsub("%S+", function(name)
      return ('%s="%s"'):format(name, value)
    end), names, esc(english), esc(zh(english) or english))
  end

  --- The name of a column.
  ---@param name string
  function self.column(name)
    local chinese = COLUMNS[name]
    return both(name, chinese and localise(chinese), language)
  end

  --- What the script needs, in both languages.
  function self.dictionary(list)
    local out = {}
    for _, english in ipairs(list) do out[english] = zh(english) end
    return out
  end
  return self
end

return words
