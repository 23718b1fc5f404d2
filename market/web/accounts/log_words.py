"""The Chinese words of the log: kinds of subjects, steps, accesses."""

from __future__ import annotations

from market.domain.bids import BID
from market.domain.campaigns import CANDIDATE
from market.domain.capabilities import CAPABILITY
from market.domain.challenges import CHALLENGE
from market.domain.contacts import CONTACT
from market.domain.contracts import CONTRACT
from market.domain.leads import LEAD
from market.domain.lifecycle import Lifecycle
from market.domain.organisations import ORGANISATION

_LIFECYCLES: dict[str, Lifecycle] = {
    one.subject: one for one in (CHALLENGE, CAPABILITY, BID, CONTACT, CONTRACT, LEAD, ORGANISATION, CANDIDATE)
}
KINDS = {
    "challenge": "技术需求", "capability": "成果与能力", "bid": "揭榜申报", "contact": "对接", "contract": "合同", "lead": "线索",
    "organisation": "单位", "user": "人员", "settings": "设置", "outbox": "待通知", "import": "导入", "goal": "目标", "release": "公开数据",
    "attachment": "附件", "match": "匹配", "export": "导出", "campaign": "应登未登行动", "candidate": "应登未登单位",
}  # fmt: skip
STEPS = {
    "register": "注册", "edit": "修改资料", "invite": "发出邀请", "withdraw_invitation": "撤回邀请", "accept_invitation": "接受邀请",
    "send_claim_link": "发认领链接", "claim": "认领", "hand_over": "交给认领的单位", "set_roles": "调整角色", "disable": "停用账户", "enable": "恢复账户",
    "edit_profile": "修改个人资料", "confirm_email": "确认邮箱", "change_password": "更换密码", "reset_password": "重设密码",
    "enrol_second_factor": "开启两步验证", "drop_second_factor": "关闭两步验证", "reset_second_factor": "重置两步验证",
    "use_recovery_code": "用恢复码登录", "renew_recovery_codes": "更换恢复码", "add_stand_in": "设置代办", "end_stand_in": "结束代办",
    "ask_change_email": "申请更换邮箱", "change_email": "更换邮箱", "accept_texts": "同意新版协议",
    "create_bureau": "新建科技局", "invite_first": "邀请负责人", "change": "修改设置", "set_holidays": "更新放假安排", "set_rule": "录入规则数值", "gather": "找候选单位", "close": "结束", "reassign": "改派",
    "remind_filing": "提醒年底截止前登记", "correct": "按登记机构清单更正", "accept_all": "全部采用登记机构的数据", "keep": "保留本站的数据", "share": "拆成各方份额", "tell": "人工通知", "try_again": "重新发送", "create": "新建",
    "attach": "添加附件", "detach": "删除附件", "admit": "准许查看附件", "dismiss": "收回附件许可", "extend": "延期",
    "recompute_publicity": "重算公示期", "note": "记一笔", "draft": "代填", "ask": "提出", "visit": "走访",
    "renew": "确认仍有效", "introduce": "引荐", "pay": "登记到账", "unpay": "撤销到账", "import": "导入", "release": "对外公布",
    "confirm_member": "确认联合申报", "expect": "估计意向金额", "adjust": "调整", "set": "设定目标", "confirm": "企业确认",
    "addendum": "补充说明", "object": "登记异议", "answer_objection": "答复异议",
}  # fmt: skip
ACTS = {
    "sign_in": "登录", "sign_in_refused": "登录未成功", "take_message": "取出邮件原文", "download": "下载附件", "export": "导出", "campaign": "应登未登行动", "candidate": "应登未登单位",
    "open": "打开", "refused": "被拒绝",
}  # fmt: skip


def step(kind: str, name: str) -> str:
    """Return the word of a step of a kind of subject; an unknown one as it is."""
    lifecycle = _LIFECYCLES.get(kind)
    words = {one.name: one.label for one in lifecycle.steps} if lifecycle else {}
    return words.get(name) or STEPS.get(name, name)


def state(kind: str, name: str | None) -> str:
    """Return the word of a state of a kind of subject; "" for none."""
    lifecycle = _LIFECYCLES.get(kind)
    return (lifecycle.states.get(name, name) if lifecycle else name) if name else ""


def act(name: str) -> str:
    """Return the word of an access; an unknown one as it is."""
    return ACTS.get(name, name)


def kind(name: str | None) -> str:
    """Return the word of a kind of subject; "" for none."""
    return KINDS.get(name, name) if name else ""
