-- quote_words.lua: closed classes that the search for speakers knows: surnames, characters of transliterated names,
-- endings of nouns for people and bodies, prepositions.  Simplified Chinese; words are folded before they are looked up.

local utf8c = require "ds.c.utf8"

local M = {}

local CHAR = "[%z\1-\127\194-\244][\128-\191]*"

local function set_of(text)
  local set = {}
  for word in text:gmatch("%S+") do set[word] = true end
  return set
end

local function chars_of(text)
  local set = {}
  for c in text:gmatch("[\194-\244][\128-\191]*") do set[c] = true end
  return set
end

--- Family names, the first character of names of two and three characters.
M.surname = chars_of [[
王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦
付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳
甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜
冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝封谈鞠匡
]]
M.double_surname = set_of "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 司徒 令狐 宇文 长孙 端木 夏侯"

--- Characters that transliterated names are made of.
M.translit = chars_of [[
阿埃艾爱安奥澳巴拜班邦保鲍贝本比彼宾波伯博布查达戴丹德登邓狄迪蒂丁东杜多顿恩尔法范菲费芬丰弗福富盖甘冈高戈格古哈海汉豪赫亨洪胡华怀惠霍基吉
加贾简杰金津卡凯坎康考科克肯库夸昆拉莱赖兰朗劳勒雷蕾黎李里利莉丽连列林琳龙隆卢鲁路伦罗洛马玛迈麦曼茅梅门蒙米密明摩莫默姆穆纳娜奈南内尼妮涅
宁纽努诺欧帕潘庞佩彭皮平珀普奇齐契恰钱乔琼丘让热仁荣茹瑞若萨塞桑瑟森沙山尚舍圣施史舒朔斯丝松苏索塔泰坦汤唐陶特提廷通图托瓦万旺威韦维卫温文翁
沃乌伍武西希锡夏香肖谢欣辛雄休许叙雪逊雅亚延扬耶叶伊易因英尤于约泽赞扎詹珍芝朱祖佐柴茨茜婷娅薇黛蓓芙阮琪祥柯桥莎兹弥翰巧喀
]]

--- Nouns with these endings name people: 受访者, 发言人, 开发商 …
M.person_end = chars_of "员者人家师长官士手民友商客迷粉授监裁"
--- … and these name bodies: 法务部, 交易所.
M.body_end = chars_of "部局院社报台署委党厅所司行协盟网"
M.body_end2 = set_of "公司 集团 团队 大学 机构 协会 学会 法庭 部门 当局 财团 平台方 委员会 基金会 工会 商会 理事会 董事会 联合会 组织 评论区 弹幕 网站"

--- Nouns for people that their endings do not show.
M.person_noun = set_of [[
老板 中层 高层 父亲 母亲 爸爸 妈妈 妻子 丈夫 儿子 女儿 哥哥 姐姐 弟弟 妹妹 总监 总理 首相 书记 秘书 助理 医生 护士 院士 教练 销售 客服 店主 经理 董事 先生 女士
小姐 太太 老人 男子 女子 青年 小伙子 姑娘 同学 主播 大臣 大使 议长 省长 市长 州长 参赞 校长 祭司 神父 队长 船长 店长 摊主 房东 房主 业主 车主 博主 楼主 机主 雇主 金主
]]
--- Titles behind a family name: 滕先生.
M.address = set_of "先生 女士 小姐 太太 总 某 某某 老师 教授 博士 医生 律师 师傅 经理 院士 老板 局长 部长 主任 校长 司长 处长"

--- 小吴, 老郑, 阿岑
M.nickname = set_of "小 老 阿"

--- Nouns that “show” and “say” without being anybody.
M.abstract = set_of [[
理论 观点 证据 结果 数字 事实 经验 历史 现象 迹象 情况 测试 实验 规定 法律 条款 条例 图表 传闻 传言 流言 结论 规律 逻辑 产品 模型 技术 价格 功能 系统 一般 普遍 广告
]]

--- Nouns that only look so.
M.no_holder = set_of [[
国家 手工 全部 内部 外部 总部 局部 一部 结局 格局 布局 后台 前台 平台 舞台 上台 官网 全网 互联网 人生 个人 他人 别人 令人 惊人 迷人
机器人 成人 动人 诱人 感人 无人 增长 成长 生长 延长 特长 专长 漫长 拉长 厂 场所 厕所 进行 实行 举行 发行 运行 执行 飞行 流行 先行 游行 自行 可行 步行 推行
高手 人手 入手 下手 双手 联手 出手 着手 右手 左手 一手 分手 动手 感官 器官 五官 上司 寿司 或者 再者 前者 后者 出席 申报 海报 举报 汇报 情报 财报 年报
季报 预报 回报 警报 智商 情商 招商 协商 磋商 经商 移民 东部 西部 南部 北部 中部 底部 顶部 联网 上网 物联网 人家 回家 一家 几家 多家 两家 三家
手 人 家 长 行 网 台 部 所 报 社 院 局 商 客 民 友 粉 迷 授 监 裁 委 党 员 师 官 士 者 司 协 盟 厅 署 巴士 的士 瑞士 威士
]]

--- Papers and posts that say something in place of their author.
M.document = set_of [[
声明 报告 文章 公告 报道 论文 财报 推文 帖子 信 公开信 视频 标题 数据 调查 通报 通知 简报 社论 公报 邮件 文件 博文 长文 消息 帖文 文中 信中 采访 微博
]]

--- What is said, as a noun: “X的看法是”, “X的回答：”.
M.said_noun = set_of [[
观点 看法 说法 言论 评价 评论 回答 回复 回应 原话 表述 描述 表态 警告 质疑 批评 解释 感慨 名言 提问 追问 建议 呼吁 判断 总结 话 疑问 比喻 形容 口号
]]

--- A noun phrase behind one of these does not speak …
M.preposition = set_of [[
对 向 给 与 和 跟 同 把 将 让 使 叫 令 在 从 于 关于 对于 就 针对 因为 因 为 为了 比 除 除了 通过 以 用 拿 面对 随着 自 至 到 朝 围绕 凭借 凭 靠 借 鉴于
按 替 由于 经过 相比 至于 有关 包括 或 或者 以及 及 像 例如 比如
]]
--- … but behind one of these it does.
M.agent = set_of "被 遭 由 据 根据 按照 依据 正如 如 诚如 如同 有 更有 还有 也有 则有 就有 连 而 但 且 只有 就连 在 才 才是"

--- Verbs that are part of titles: 联合创始人, 执行主席.
M.title_verb = set_of "创始 联合 执行 管理 研究 投资 分析 运营 开发 设计 独立 代理 候任 卸任 当选 咨询 签约 产品 技术"

M.pronoun = set_of "他 她 它 它们 其 他们 她们 前者 后者 对方 本人 自己 此人 这些人 那些人 我 我们"
--- The author speaks of himself.
M.author = set_of "我 我们 我們 笔者 筆者 咱们 咱們"
M.this = set_of "这 该 此 那 这位 那位 这名 那名 这些 那些 上述 这家 那家"

function M.first_char(word) return word:match("^" .. CHAR) end
function M.last_char(word) return word:match(CHAR .. "$") end

--- Whether all characters of a folded word occur in transliterated names.
function M.all_translit(key)
  for c in key:gmatch(CHAR) do
    if not M.translit[c] then return false end
  end
  return true
end

-- Characters that only names with a dot have besides: 大卫·…
local DOTTED_TOO = chars_of "大戴乔逊顿强詹姆士"

--- Whether a character occurs in transliterated names, in either script.
function M.in_dotted(char)
  if char:byte(1) < 0x80 then return false end
  local key = utf8c.fold(char)
  return M.translit[key] == true or DOTTED_TOO[key] == true
end

--- Whether a folded word may be a Chinese name, by its family name.
function M.has_surname(key)
  if M.double_surname[key:sub(1, 6)] then return #key == 9 or #key == 12 end
  return (#key == 6 or #key == 9) and M.surname[M.first_char(key)] == true
end

--- Whether a noun names people or bodies by its ending: "person", "body" or nil.
function M.holder(key)
  if M.no_holder[key] or #key < 6 then return nil end
  if M.person_noun[key] or M.person_noun[key:sub(-6)] then return "person" end
  local last = M.last_char(key)
  if last == "们" then return "person" end
  if M.person_end[last] then return "person" end
  if M.body_end[last] or M.body_end2[key] or M.body_end2[key:sub(-6)] or M.body_end2[key:sub(-9)] then return "body" end
end

return M
