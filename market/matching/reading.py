"""What of a demand is about the matter: the firm's history, plant and turnover are left out of the query.

Firms that write for an office put their profile beside their trouble (企业简介, 现有工作基础, 市场前景). Read as a query,
such sentences look for other firms' profiles. Which words give them away is a table here; a text that would
lose everything is read whole.
"""

from __future__ import annotations

import re

from market.matching import tokens

_HEADINGS = (
    "工作基础 现有基础 实验基础 科研基础 研究基础 产业基础 生产基础 基础条件 现在基础 企业简介 企业情况 企业概况 企业介绍 公司简介 "
    "公司情况 公司概况 公司介绍 单位简介 单位概况 关于我们 基本情况 项目预算 资金来源 资金情况 联系方式 市场前景 市场分析 市场情况 "
    "经济效益 社会效益 效益分析 合作条件 支持政策"
)
PROFILE_HEADINGS = tuple(_HEADINGS.split())
"""Under such a heading a text speaks of the firm, until the next heading."""
_MATTER = "需求 问题 难题 难点 痛点 目标 目的 现状 背景 内容 指标 要求 任务 技术 故障 症状 性能 现象 困难"
MATTER_WORDS = tuple(_MATTER.split())
"""A heading with one of these brings the text back to the matter."""
_PROFILE = (
    "公司 企业 我司 成立 创立 注册资本 员工 职工 人员 厂房 占地 建筑面积 营业收入 销售收入 销售额 年产值 产值 营收 利润 税收 纳税 "
    "高新技术企业 专精特新 小巨人 资质 荣誉 称号 授权专利 发明专利 客户 市场前景 市场占有率 经济效益 社会效益 品牌 龙头 上市 "
    "院校 产学研 资金 投资 补贴 工程师 博士 硕士 职称 研发中心 技术中心 认定 总部 子公司 坐落 位于 经营 主营 行业协会 出口 远销"
)
PROFILE_WORDS = tuple(_PROFILE.split())
FEWEST_WORDS = 3
"""So many different words of a firm's profile in one sentence, and it is about the firm."""
DENSITY = 0.16
"""… if they make up this share of its letters."""

_SENTENCE = re.compile(r"[^。；;！!？?\n]*[。；;！!？?\n]?")
_HEADING = re.compile(r"^\s*(?:[(（]?[0-9一二三四五六七八九十]{1,3}[)）]?\s*[、.．:：]?\s*)?([\u4e00-\u9fff]{2,14})\s*(?:[:：]|$)")


def about_the_matter(text: str) -> str:
    """The sentences of a text that are not the firm's profile; the whole text if nothing else is in it."""
    kept: list[str] = []
    profile = False
    for sentence in _SENTENCE.findall(text):
        heading = _HEADING.match(sentence)
        if heading:
            profile = _opens_profile(heading.group(1), profile)
        if not profile and not _is_profile(sentence):
            kept.append(sentence)
    telling = "".join(kept)
    return telling if any(True for _ in tokens.runs(telling)) else text


def _opens_profile(heading: str, before: bool) -> bool:
    """Whether what follows a heading is about the firm; a heading that says neither changes nothing."""
    if any(word in heading for word in PROFILE_HEADINGS):
        return True
    return False if any(word in heading for word in MATTER_WORDS) else before


def _is_profile(sentence: str) -> bool:
    met = [word for word in PROFILE_WORDS if word in sentence]
    letters = sum(map(len, tokens.runs(sentence)))
    return len(met) >= FEWEST_WORDS and sum(map(len, met)) >= DENSITY * letters
