-- entity_words.lua: closed classes that the search for entities knows: titles, heads of names of bodies, nouns beside products,
-- abbreviations that name nothing.  Simplified Chinese, in lower case; words are folded before they are looked up.

local M = {}

local function set_of(text)
  local set = {}
  for word in text:gmatch("%S+") do set[word] = true end
  return set
end

--- Titles that stand before a name: 首席执行官X, 记者X.
M.role = set_of [[
ceo cto cfo coo vp 首席执行官 执行官 首席科学家 科学家 首席技术官 技术官 财务官 运营官 创始人 联合创始人 创办人 创办者 总裁 副总裁 董事长 主席 副主席 总经理 经理 合伙人 总监 工程师 分析师
研究员 教授 副教授 讲师 院士 博士 院长 校长 所长 主任 副主任 记者 编辑 主编 总编 撰稿人 作者 作家 导演 演员 歌手 律师 法官 检察官 议员 参议员 众议员 总统 副总统 总理 首相 部长 国务卿
大臣 市长 州长 省长 书记 局长 司长 发言人 代表 顾问 经济学家 政治学家 法学家 学者 专家 投资人 投资者 策略师 评论员 主持人 教练 球员 选手 设计师 程序员 架构师 负责人 创始 高管 老板 掌门人
董事 秘书长 理事长 会长 理事 国王 女王 王子 教皇 将军 司令 医生 主播 博主 店长 车主 用户 网友 女士 先生 前妻 妻子 丈夫 父亲 母亲 儿子 女儿 弟弟 哥哥 姐姐 妹妹 好友 同学 同事 助理 官 员 家
]]

--- Behind a name: 王先生, 李教授.
M.address = set_of "先生 女士 小姐 太太 老师 教授 博士 医生 律师 院士 同志 总统 总理 主席 校长"

--- Verbs of people.
M.says = set_of [[
说 表示 称 认为 指出 透露 坦言 强调 写道 回应 补充 解释 告诉 宣布 警告 呼吁 批评 质疑 承认 否认 谈到 提到 介绍 回忆 评论 直言 感叹 介绍说 接受 担任 出任 毕业 出生 加入 创办 创立 辞职 出席 发文 发推 撰文 转发 反驳
]]

--- Heads of names of bodies that any name may precede, a place too: 纽约大学, 上海证券交易所.
M.head = set_of [[
大学 学院 医院 法院 中学 小学 研究院 研究所 研究中心 实验室 委员会 协会 学会 商会 工会 基金会 联合会 交易所 电视台 电台 日报 晚报 时报 早报 周刊 周报 出版社 通讯社 博物馆 图书馆 检察院 警察局 政府 国会 议会
法庭 银行 俱乐部 联盟 事务所 科学院 工程院 商学院 医学院 党 总局 管理局 监管局 统计局 能源局 国防部 财政部 商务部 司法部 外交部 教育部 能源部 劳工部 卫生部 开发署 规划署 难民署 国务院 最高法院 联邦法院 地方法院 消费者协会 汽车协会
]]
--- Words that begin names of offices: 国际|开发署.
M.wide = set_of "国际 国家 世界 全国 中央 联邦 联合国"
M.office = set_of "署 局 总署 总局 委员会"
--- Family names that are everyday words as well.
M.word_surname = set_of "应 时 常 向 成 安 全 万 方 高 关 江 许 严 沙 路 单 车 项 易 党 管 简 解 连 温 明 毛 白 金 石 钱 于 周 年 左 左右 尚 包 宁 平 强 曲 阳 司 米 通"

--- Of these a country alone makes no name: 美国大学, 外国医院.
M.common_head = set_of "大学 学院 医院 法院 中学 小学 研究所 研究院 实验室 法庭 协会 俱乐部 联盟 事务所 党 报 电视台 电台"
--- Heads that only a name of its own makes to one: 幻方公司, but not 美国公司.
M.firm = set_of "公司 集团 有限公司 股份公司 控股 资本 证券 基金 科技 汽车 电子 传媒 影业 保险 药业 制药 半导体 动力 智能 软件 网络 投资 物流 航空 地产 置业 出行 影视 游戏 咨询"
--- One of these may stand between: 云栈|智算|科技.
M.trade = set_of "科技 汽车 电子 传媒 智能 智算 软件 网络 投资 技术 信息 文化 半导体 动力 生物 医药 能源 实业 控股 证券 基金 资产 管理 资本 数据 云 计算 航空 财经 新能源"

--- Adjectives that make a description of a name: 美国顶尖大学.
M.describing = set_of [[
顶尖 顶级 知名 著名 一流 头部 大型 中小 中小型 小型 上市 民营 国有 外资 主要 其他 多数 普通 一般 传统 独角兽 互联网 相关 有关 重点 私立 公立 初创 创业 母 子 分 总 逆向 海淘 新兴 公共 利益 私人 神秘
]]
--- Departments that every firm has.
M.department = set_of "法务部 人事部 市场部 财务部 销售部 研发部 编辑部 技术部 公关部 董事会 监事会 理事会 评审团 服务台 管理局 委员会 俱乐部 上进心 研究会 业务部 事业部 客服部 总部 分部 学生会"
--- Behind what looks like a body: the name goes on, and is one of a meeting.
M.meeting = set_of "峰会 论坛 大会 会议 年会 展览会 博览会 奖 杯"
--- In a line that says who wrote: 文｜X, 编辑：X.
M.byline = set_of "文 作者 编辑 记者 撰文 采访 撰稿 撰稿人 责编 责任编辑 主编 校对 审校 出品人 监制 策划 文字 图文 编译 译者 翻译"
M.byline_mark = set_of "｜ | ： : ／ / 丨 ∣"

--- Endings of words that the dictionary tags as bodies.
M.body_end = set_of "党 部 院 局 署 会 社 厅 处 委 行 团 队 军 所 台 报 大学 公司 集团 政府 银行 学院 法院 中心 协会"

--- A Latin word beside one of these names a company …
M.beside_org = set_of [[
公司 集团 旗下 官方 官网 首席 首席执行官 ceo cto cfo 创始人 联合创始人 总裁 董事长 团队 总部 员工 高管 股价 市值 董事会 工程师 研究员 分析师 股东 财报 宣布 推出 发布 收购 裁员 机构 企业 媒体 车企 初创 券商 投行 厂商 巨头 创企
]]
--- … or a product, …
M.beside_product = set_of [[
模型 大模型 芯片 应用 软件 平台 工具 助手 产品 系列 机器人 聊天机器人 智能体 功能 显卡 手机 浏览器 框架 架构 型号 版本 版 插件 app 车型 处理器 加速卡 加速器 操作系统 语言模型 推理模型 超算 超级计算机 集群
]]

--- Abbreviations and words that name nothing by themselves.
M.no_name = set_of [[
ai agi gpt api app gpu cpu tpu npu dpu ceo cto cfo coo cmo cio cso vp ipo etf gdp cpi pmi ppi llm llms moe rl rlhf sft cot sdk ide ui ux it pc pr hr kpi okr roi vc pe lp gp usd rmb cny hkd eur pdf html url usb hbm dram
ssd ram rom led oled wifi vpn vr ar mr xr iot saas paas iaas sota benchmark token tokens chatbot agent agents bot demo bug pro max mini ultra plus turbo the a an of to in on for and or is by with from at as it he we you i
no yes ok id kol mcn up vip ppt mba phd md dr mr mrs ms sir inc ltd co corp llc spa app apps web pc tv dvd cd dj ktv cbd sku gmv dau mau arr b2b b2c o2o p2p c2c d2c ev suv mpv nev cp cpc cpm seo sem cdn dns ip tcp http
https www com org net pm am bbs diy poc mvp qa faq hub lab labs open source free data cloud day week month year top best new good bad big small hi hello source text title news live update top1 flops tflops gb mb kb tb kw kwh mw gw km kg cm mm fp fp8 fp16 bf16 int8
x
]]

--- Codes with digits that are no models.
M.no_model = set_of [[
b2b b2c c2c o2o p2p g7 g20 f1 co2 pm2 a4 a3 h5 mp3 mp4 web2 web3 l1 l2 l3 l4 l5 top1 top3 top5 top10 top100 covid-19 sp500 q1 q2 q3 q4 h1 h2 5g 4g 3g 6g 3d 2d 4k 8k v8 fp8 fp16 bf16 int8 s&p500 mit6 no1 b1 b2 c1 c2 d1 d2 t0 t1 t2 t3
]]

--- Words that a number follows without making a model of it.
M.no_version = set_of "top part day phase level no vol step round chapter figure table page section grade series january february march april may june july august september october november december jan feb mar apr jun jul aug sep oct nov dec q"

--- Behind a number: it counts, it is no version.
M.counts = set_of "年 月 日 号 天 周 个 家 名 位 人 次 倍 万 亿 千 百 元 美元 块 台 辆 张 款 种 条 项 岁 点 时 分 秒 % 成 折 只 篇 部 轮 届 度 米 公里 小时 分钟 亿美元 万亿 多 余 至 到"

--- Words that the dictionary tags as places, and which are none.
M.no_place = set_of "大城市 新城市 非市场 旧市场 大市场 新市场 全城市 小城市 一线城市 高速公路 出口 入口 海洋 大洋 江湖"
M.place_end = set_of "州 市 县 省 区 镇 村 岛 湾 山 河 江 湖 港 街 路 洲 海 洋 国 半岛 群岛 高原 平原"
--- Their endings fall in a name: 杭州市 is 杭州.
M.place_level = set_of "市 省"

--- Words that are no given names, though the tagger took them for such.
M.function_char = set_of "的 了 在 是 和 与 对 就 也 都 又 说 称 不 没 有 这 那 个 们 到 从 把 被 让 给 很 太 更 最 再 还 却 则 将 要 会 能 可 以 为 而 但 或 及 等 着 过 吗 呢 吧 啊 一 二 两 三 四 五 六 七 八 九 十 百 千 亿"

return M
