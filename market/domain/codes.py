"""Code tables with their Chinese words. What comes from a standard names it; lists marked 待核 are the 2021 trees of the registry."""

from __future__ import annotations

# fmt: off
FIELDS: dict[str, str] = {  # 技术领域, 技术合同认定登记表
    "01": "电子信息", "02": "航空航天", "03": "先进制造", "04": "生物、医药和医疗器械",
    "05": "新材料及其应用", "06": "新能源与高效节能", "07": "环境保护与资源综合利用",
    "08": "核应用", "09": "农业", "10": "现代交通", "11": "城市建设与社会发展",
}
TRACKS: tuple[str, ...] = (
    "智能软件", "研发服务", "网络安全", "网络游戏", "集成电路", "机器人", "生命健康", "新材料",
    "新能源", "智能制造", "环保", "农业", "航空航天", "核应用", "现代交通", "城市建设",
)
REGIONS: dict[str, str] = {  # GB/T 2260
    "310107": "上海市普陀区", "310101": "上海市黄浦区", "310104": "上海市徐汇区", "310105": "上海市长宁区",
    "310106": "上海市静安区", "310109": "上海市虹口区", "310110": "上海市杨浦区", "310112": "上海市闵行区",
    "310113": "上海市宝山区", "310114": "上海市嘉定区", "310115": "上海市浦东新区", "310116": "上海市金山区",
    "310117": "上海市松江区", "310118": "上海市青浦区", "310120": "上海市奉贤区", "310151": "上海市崇明区",
    "320100": "南京市", "320200": "无锡市", "320400": "常州市", "320500": "苏州市", "320600": "南通市",
    "321100": "镇江市", "321200": "泰州市", "320300": "徐州市", "320700": "连云港市", "320800": "淮安市",
    "320900": "盐城市", "321000": "扬州市", "321300": "宿迁市", "330100": "杭州市", "340100": "合肥市",
    "110000": "北京市", "120000": "天津市", "330000": "浙江省", "340000": "安徽省", "370000": "山东省",
    "420000": "湖北省", "440000": "广东省", "510000": "四川省", "610000": "陕西省",
}
DISTRICT = "310107"
CORRIDOR: tuple[str, ...] = ("310107", "320100", "320200", "320400", "320500", "320600", "321100", "321200")
ORGANISATION_KINDS = {"enterprise": "企业", "institute": "高校院所", "bureau": "科技局", "commission": "科委", "partner": "服务机构"}
TAGS = ("高企", "科技小巨人", "专精特新", "规上", "链主", "上市", "科技型中小企业", "创新型中小企业")
CAPABILITY_KINDS = {"result": "成果", "ability": "能力", "equipment": "设备", "team": "团队", "scene": "场景"}
STAGES = {"research": "正在研发", "lab": "小试", "pilot": "中试", "mass": "量产"}
STAGE_TRL = {"research": 3, "lab": 4, "pilot": 6, "mass": 9}  # plain stage → TRL (GB/T 22900)
TRL = {
    1: "基本原理", 2: "技术概念或方案", 3: "关键功能验证", 4: "实验室部件验证", 5: "相似环境部件验证",
    6: "相似环境系统样机", 7: "现实环境原型", 8: "产品定型", 9: "系统应用",
}
MODES = {
    "commissioned": "委托开发", "joint": "合作开发", "transfer": "技术转让", "licence": "技术许可",
    "consulting": "技术咨询", "service": "技术服务", "equity": "作价入股", "platform": "共建平台", "trial": "先用后转",
}
IP_WISHES = {"seeker": "归发榜方", "shared": "共有", "provider_licence": "归揭榜方，发榜方获许可", "negotiable": "协商"}
IP_TYPES = {  # 知识产权类型 (待核: 登记系统现行分类)
    "invention": "发明专利", "utility": "实用新型专利", "design": "外观设计专利", "secret": "技术秘密",
    "software": "计算机软件著作权", "layout": "集成电路布图设计专有权", "variety": "植物新品种权",
    "biomed": "生物、医药新品种", "none": "未涉及知识产权",
}
IP_KEYS = {**IP_TYPES, "unsaid": "未填知识产权"}  # as figures are counted: an empty code is „nobody has said“, never 未涉及
IP_STATUSES = {"granted": "已授权", "applied": "申请中", "none": "无"}
NEED_TYPES = {
    "key_tech": "关键技术攻关", "product": "产品研发", "process": "工艺改进", "support": "技术配套",
    "testing": "检测服务", "pilot": "中试熟化", "import": "成果引进",
}
PROCEDURES = {"open_call": "揭榜", "negotiated": "对接", "scouting": "征集"}
VISIBILITIES = {"on_arrival": "随到随看", "at_deadline": "到期开启"}
CONTRACT_TYPES = {"KF": "技术开发", "ZR": "技术转让", "XK": "技术许可", "ZX": "技术咨询", "FW": "技术服务"}  # 民法典第 843 条
CONTRACT_SUBTYPES: dict[str, dict[str, str]] = {
    "KF": {"entrusted": "委托开发", "cooperative": "合作开发"},
    "ZR": {"patent_right": "专利权转让", "patent_application": "专利申请权转让", "secret": "技术秘密转让",
           "software": "计算机软件著作权转让", "layout": "集成电路布图设计转让", "variety": "植物新品种权转让",
           "biomed": "生物、医药新品种权转让"},
    "XK": {"patent_licence": "专利实施许可", "secret_licence": "技术秘密使用许可", "other_licence": "其他许可"},
    "ZX": {"consulting": "技术咨询", "feasibility": "可行性论证", "forecast": "技术预测", "survey": "专题技术调查", "evaluation": "分析评价报告"},
    "FW": {"general": "一般技术服务", "training": "技术培训", "intermediary": "技术中介"},
}
PAYMENT_MODES = {"once": "一次总付", "instalments": "分期支付", "royalty": "提成支付", "entry_royalty": "入门费加提成"}
ROYALTY_MODES = ("royalty", "entry_royalty")  # 成交额 is an estimate under these
PARENT_KINDS = {"supplement": "补充合同", "change": "变更合同", "order": "框架协议下的订单", "sub": "分包或子合同"}
REGISTRATION_STATES = {"signed": "待登记", "filed": "已受理", "returned": "补正", "registered": "已登记", "refused": "不予登记"}
PRICINGS = {"agreed": "协议定价", "listed": "在技术交易市场挂牌交易", "auction": "拍卖"}  # 促进科技成果转化法第 18 条
PLAN_SOURCES = {"national": "国家科技计划", "ministry": "部门计划", "provincial": "省市计划", "county": "地市县计划", "none": "计划外"}
GOALS = {  # 社会经济目标 (GB/T 24450, 待核)
    "environment": "环境保护、生态建设及污染防治", "energy": "能源生产、分配和合理利用", "health": "卫生事业发展",
    "education": "教育事业发展", "infrastructure": "基础设施以及城市和农村规划", "social": "社会发展和社会服务",
    "earth": "地球和大气层的探索与利用", "space": "民用空间探测及开发", "agriculture": "农林牧渔业发展",
    "industry": "工商业发展", "undirected": "非定向研究", "other": "其他民用目标", "defence": "国防",
}
NATURES = {  # 卖方、买方性质 (待核)
    "011": "国家级机关法人", "012": "省级机关法人", "013": "市级机关法人", "014": "县级及以下机关法人",
    "021": "科研机构", "022": "高等院校", "023": "医疗卫生机构", "024": "其他事业法人", "030": "社团法人",
    "110": "国有企业", "120": "集体企业", "130": "股份合作企业", "140": "联营企业", "150": "有限责任公司",
    "160": "股份有限公司", "170": "私营企业", "180": "其他内资企业", "210": "港澳台合资", "220": "港澳台合作",
    "230": "港澳台独资", "240": "港澳台股份", "310": "中外合资", "320": "中外合作", "330": "外商独资",
    "340": "外商股份", "400": "自然人",
}
BUDGET_BANDS: tuple[tuple[str, str, int, int | None], ...] = (  # key, words, from, below (分)
    ("lt50", "50 万以下", 0, 50_000_000), ("50-100", "50–100 万", 50_000_000, 100_000_000),
    ("100-300", "100–300 万", 100_000_000, 300_000_000), ("300-1000", "300–1000 万", 300_000_000, 1_000_000_000),
    ("gt1000", "1000 万以上", 1_000_000_000, None),
)
REJECT_REASONS = {
    "not_technical": "不是技术需求或成果", "purchase": "属于普通商品采购", "secret": "疑似涉密或敏感",
    "advert": "广告或重复发布", "unclear": "内容无法理解", "unverified": "主体不符合要求", "other": "其他",
}
DECLINE_REASONS = {
    "too_early": "技术阶段太早", "no_benefit": "相对现有做法优势不清楚", "no_route": "商业路径不清楚",
    "unclear": "描述不清楚", "not_field": "不是我们的方向", "no_capacity": "目前没有人手", "budget": "经费对不上", "other": "其他",
}
BID_LOSS_REASONS = {"indicator": "指标未满足", "price": "报价超出预算", "period": "周期太长", "route": "技术路线不合适", "team": "团队条件不足", "other": "其他"}
END_REASONS = {
    "route": "技术路线不可行", "need_changed": "需求变化", "funds": "资金不到位", "team": "团队变动",
    "breach": "违约", "force_majeure": "不可抗力", "solved": "已自行解决", "other": "其他",
}
OBJECTION_CHANNELS = {"phone": "电话", "mail": "邮件", "letter": "来信", "visit": "来访"}
CONTACT_LINE_KINDS = {"call": "电话", "visit": "走访", "meeting": "会议", "nda": "保密协议", "sample": "样品", "quote": "报价", "other": "其他"}

# fmt: on

GROUPS: dict[str, dict[str, str]] = {
    "field": FIELDS,
    "region": REGIONS,
    "organisation_kind": ORGANISATION_KINDS,
    "capability_kind": CAPABILITY_KINDS,
    "stage": STAGES,
    "mode": MODES,
    "ip_wish": IP_WISHES,
    "ip_type": IP_TYPES,
    "ip_key": IP_KEYS,
    "ip_status": IP_STATUSES,
    "need_type": NEED_TYPES,
    "procedure": PROCEDURES,
    "visibility": VISIBILITIES,
    "contract_type": CONTRACT_TYPES,
    "payment_mode": PAYMENT_MODES,
    "parent_kind": PARENT_KINDS,
    "pricing": PRICINGS,
    "registration_state": REGISTRATION_STATES,
    "yes_no": {"yes": "是", "no": "否"},
    "plan_source": PLAN_SOURCES,
    "goal": GOALS,
    "nature": NATURES,
    "reject_reason": REJECT_REASONS,
    "decline_reason": DECLINE_REASONS,
    "bid_loss_reason": BID_LOSS_REASONS,
    "end_reason": END_REASONS,
    "contact_line_kind": CONTACT_LINE_KINDS,
    "objection_channel": OBJECTION_CHANNELS,
    "contract_subtype": {key: word for table in CONTRACT_SUBTYPES.values() for key, word in table.items()},
    "budget_band": {key: words for key, words, _low, _high in BUDGET_BANDS},
}


def label(group: str, code: str | None) -> str:
    """Return the Chinese word of `code` in `group`; an unknown code is shown as it is, None as 待补."""
    if code is None or code == "":
        return "待补"
    return GROUPS.get(group, {}).get(code, code)


def region_name(code: str | None) -> str:
    """Return the Chinese name of a GB/T 2260 code, by its city or province where the exact one is not listed."""
    if not code:
        return "待补"
    for candidate in (code, code[:4] + "00", code[:2] + "0000"):
        if candidate in REGIONS:
            return REGIONS[candidate]
    return "上海市" if code.startswith("31") else code


def city_of(region: str) -> str:
    """Return the city a region belongs to: itself for a Shanghai district, the prefecture elsewhere."""
    return region if region.startswith("31") else region[:4] + "00"


def budget_band(low_fen: int | None, high_fen: int | None = None) -> str | None:
    """Return the band of a budget by its upper (else lower) bound; None for 面议."""
    value = high_fen if high_fen is not None else low_fen
    if value is None:
        return None
    return next(key for key, _w, low, high in BUDGET_BANDS if value >= low and (high is None or value < high))
