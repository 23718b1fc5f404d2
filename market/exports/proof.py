"""The one-page 促成证明 of a contract: what the market recorded before its signing, link by link, and what class that gives it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from market.domain import attribution as rules
from market.domain.attribution import Chain
from market.exports.blocks import Block, Heading, Paper, Signature, Table, Text

KINDS = ("originated", "assisted")  # only these have something to prove
_STATES = {"done": "", "late": "签订之后才记入，不作数", "missing": "没有记录", "other": "未走揭榜"}
_SAID = {"originated": "由{site}促成", "assisted": "得到{site}协助"}


@dataclass(frozen=True)
class Proof:
    """What a 促成证明 says. `facts` are label and value; amounts are among them only for those who may see the contract."""

    site: str
    organiser: str
    title: str
    seller: str
    buyer: str
    facts: Sequence[tuple[str, str]]
    chain: Chain
    on: date
    sample: bool

    @property
    def number(self) -> str:
        """The number of this paper: contract and day."""
        return f"CC-{self.chain.contract_id}-{self.on:%Y%m%d}"


def paper(proof: Proof) -> Paper:
    """Return the 促成证明 in blocks. Raises KeyError for a class that has nothing to prove."""
    chain = proof.chain
    said = _SAID[chain.kind or ""].format(site=proof.site)
    blocks: list[Block] = [
        Text(f"兹证明，下列技术合同{said}。依据是平台在各环节发生时自动留存的记录。"),
        Heading("合同"),
        Table(("项目", "内容"), [("项目名称", proof.title), ("卖方", proof.seller), ("买方", proof.buyer), *proof.facts], (1, 4)),
        Heading("经过"),
        Table(("环节", "日期", "记录"), [_line(link) for link in chain.links], (2, 2, 5)),
        Heading("认定"),
        Text(f"类别：{rules.CLASSES[chain.kind or '']}。{chain.rule}"),
    ]
    if chain.people:
        blocks.append(Text("经由：" + "、".join(f"{person.name}（{person.word}）" for person in chain.people) + "。"))
    note = "日期以平台写下记录的时间为准，签订和登记日期以合同和登记证明为准；没有记录的环节照实写明。本证明不代替登记证明。"
    blocks.append(Text(f"{note}核验码由类别、各环节日期和经由的人算出，与合同页面上的一致即记录未变。", small=True))
    day = f"{proof.on.year} 年 {proof.on.month} 月 {proof.on.day} 日"
    blocks.append(Signature([proof.organiser, day]))
    sample = "　示例数据，不可对外引用" if proof.sample else ""
    return Paper("促成证明", f"编号 {proof.number}　核验码 {chain.digest}{sample}", blocks, proof.organiser, one_page=True)


def _line(link: rules.Link) -> tuple[str, str, str]:
    parts = [part for part in (link.note if link.state in {"done", "late"} else "", _STATES[link.state]) if part]
    return link.word, str(link.day or "—"), "；".join(parts) or "有记录"
