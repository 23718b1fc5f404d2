"""The form of a capability, in sections."""

from __future__ import annotations

from typing import Any

from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import ValidationError

from market.domain import codes, identifiers
from market.domain.errors import Invalid
from market.models import Capability
from market.web.forms import MarketForm, WanField, at_most, whole

_ROWS = 20
_TEXT = 20_000


class IpForm(Form):
    """One patent, copyright or secret."""

    type = SelectField("类型", choices=[("", "没有"), *codes.IP_TYPES.items()])
    number = StringField("编号", [at_most(60)], filters=[lambda v: identifiers.clean_text(v, 60) if isinstance(v, str) else v])
    status = SelectField("状态", choices=list(codes.IP_STATUSES.items()), default="none")


class CapabilityForm(MarketForm):
    """What an institute offers. Nothing is required of a draft; submission wants title, summary and the tick."""

    version = HiddenField()
    kind = RadioField("这是什么", choices=list(codes.CAPABILITY_KINDS.items()), default="result")
    title = StringField("名称", [at_most(120)])
    summary = TextAreaField("简介", [at_most(_TEXT)])
    problem = TextAreaField("解决什么问题", [at_most(_TEXT)])
    advantages = TextAreaField("与现有做法相比", [at_most(_TEXT)])
    stage = SelectField("现在到哪一步", choices=[("", "待补"), *codes.STAGES.items()])
    trl = SelectField("技术就绪度（GB/T 22900）", choices=[("", "按阶段推定"), *((str(n), f"{n} 级　{w}") for n, w in codes.TRL.items())])
    evidence = TextAreaField("依据", [at_most(_TEXT)])
    ip = FieldList(FormField(IpForm), min_entries=1, max_entries=_ROWS, label="知识产权")
    modes = SelectMultipleField("合作方式", choices=list(codes.MODES.items()))
    price = WanField("意向价")
    price_open = BooleanField("面议")
    team = StringField("团队", [at_most(200)])
    conditions = TextAreaField("需要的条件", [at_most(_TEXT)])
    field = SelectField("技术领域", choices=[("", "由审核人员按文字判断"), *codes.FIELDS.items()])
    track = SelectField("赛道", choices=[("", "由审核人员按文字判断"), *((t, t) for t in codes.TRACKS)])
    contact_name = StringField("联系人", [at_most(40)])
    contact_phone = StringField("电话", [at_most(30)])
    disclosable = BooleanField("本单位同意公开，内容不涉密")

    def validate_contact_phone(self, field: StringField) -> None:
        """A phone, where one is given, must be one."""
        if field.data:
            try:
                field.data = identifiers.phone(field.data)
            except Invalid as error:
                raise ValidationError(str(error)) from error

    def change_rows(self, data: Any) -> bool:
        """Add or take away an IP row where such a button was pressed; True when one was."""
        if "add_ip" in data:
            if len(self.ip.entries) < _ROWS:
                self.ip.append_entry()
            return True
        number = whole(data.get("remove_ip"))
        if number is not None and number < len(self.ip.entries):
            del self.ip.entries[number]
            if not self.ip.entries:
                self.ip.append_entry()
            return True
        return False

    def values(self) -> dict[str, Any]:
        """Return what was typed under the names that actions.capabilities reads."""
        texts = ("title", "summary", "problem", "advantages", "evidence", "team", "conditions", "contact_name", "contact_phone")
        rows = [entry.form.data for entry in self.ip.entries if entry.form.type.data]
        return {name: self[name].data or "" for name in texts} | {
            "kind": self.kind.data,
            "stage": self.stage.data or None,
            "trl": int(self.trl.data) if self.trl.data else None,
            "ip": rows,
            "modes": self.modes.data or [],
            "price_fen": None if self.price_open.data else self.price.fen,
            "price_stated": bool(self.price_open.data or self.price.fen is not None),
            "field": self.field.data or None,
            "track": self.track.data or None,
            "disclosable": bool(self.disclosable.data),
        }


def copy_of(row: Capability | None) -> dict[str, Any]:
    """Return what a new form takes over from an earlier listing: everything but the tick that it may be published, and its version."""
    return {} if row is None else from_capability(row) | {"disclosable": False, "version": ""}


def from_capability(row: Capability) -> dict[str, Any]:
    """Return what the form shows of a stored capability."""
    names = (
        "kind", "title", "summary", "problem", "advantages", "evidence", "team", "conditions", "contact_name", "contact_phone",
        "disclosable", "version",
    )  # fmt: skip
    rights: list[dict[str, str]] = [{"type": r.type, "number": r.number, "status": r.status} for r in row.ip_rights]
    derived: dict[str, Any] = {
        "stage": row.stage or "",
        "trl": str(row.trl) if row.trl else "",
        "price": row.price_fen,
        "price_open": row.price_stated and row.price_fen is None,
        "modes": row.mode_list,
        "field": row.field or "",
        "track": row.track or "",
        "ip": rights or [{}],
    }
    return {name: getattr(row, name) for name in names} | derived
