"""The status board of registration, several contracts at once, and the forms of many."""

from __future__ import annotations

import io
from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from wtforms import DateField, SelectMultipleField

from market.actions import exports
from market.actions import registration as actions
from market.domain import clock
from market.domain import registration as rules
from market.domain.permissions import Permission as P
from market.domain.permissions import may
from market.queries import registration as queries
from market.web import access, forms
from market.web.registration.blueprint import bp


def _number(text: object) -> int:
    """Return the number of a ticked contract; raises ValueError for what is none."""
    found = forms.whole(text)
    if found is None:
        raise ValueError("不是合同的编号")
    return found


class FiledForm(forms.MarketForm):
    """The day on which the registry accepted the ticked contracts."""

    contract = SelectMultipleField("合同", coerce=_number, validate_choice=False)
    filed_on = DateField("受理日期", [forms.required("请填写受理日期")])


def _wanted() -> queries.BoardFilter:
    args = request.args
    state = args.get("state", "signed")
    year = args.get("year", clock.today().year, int)
    return queries.BoardFilter(
        state=state if state in rules.BOARD else "signed",
        year=year if 1985 <= year <= clock.today().year else clock.today().year,
        q=args.get("q", "").strip()[:100],
        here=args.get("here") == "1",
    )


@bp.route("/registration")
@access.requires(P.SEE_CONTRACT)
def board() -> ResponseReturnValue:
    """What waits for registration and for how long, by the registry's statuses."""
    return _board(FiledForm(formdata=None))


def _board(form: FiledForm, chosen: frozenset[int] = frozenset(), status: int = 200) -> ResponseReturnValue:
    wanted, who = _wanted(), access.actor()
    found = queries.board(who, wanted, request.args.get("page", 1, int))
    kept: dict[str, Any] = {key: value for key, value in (("q", wanted.q), ("here", "1" if wanted.here else "")) if value}
    page = render_template(
        "registration/board.html",
        found=found,
        wanted=wanted,
        words=rules.BOARD,
        waiting_for=rules.WAITING_FOR,
        kept=kept | ({"year": wanted.year} if wanted.year != clock.today().year else {}),
        form=form,
        chosen=chosen,
        prepares=any(may(who, P.PREPARE_REGISTRATION, row.contract.subject) for row in found.rows),
        registers=any(may(who, P.REGISTER_CONTRACT, row.contract.subject) for row in found.rows),
        most=queries.MOST_FORMS,
    )
    return page, status


@bp.route("/registration/filed", methods=["POST"])
@access.requires(P.REGISTER_CONTRACT)
def file_many() -> ResponseReturnValue:
    """Note for several contracts that the registry accepted them on a day."""
    form = FiledForm()
    who, asked = access.actor(), queries.for_forms(form.contract.data or [])
    ids = [one.id for one in asked if may(who, P.REGISTER_CONTRACT, one.subject)]

    def work() -> str:
        number = actions.file_many(ids, form.filed_on.data, who)
        flash(f"已记下：{number} 份合同登记机构已受理。", "success")
        return url_for("registration.board", state="filed")

    return forms.submit(form, work) or _board(form, frozenset(ids), 422)


@bp.route("/registration/forms.xlsx")
@access.requires(P.PREPARE_REGISTRATION)
def forms_xlsx() -> ResponseReturnValue:
    """The forms of the ticked contracts as one XLSX, a row a contract."""
    return _forms("xlsx")


@bp.route("/registration/forms.zip")
@access.requires(P.PREPARE_REGISTRATION)
def forms_zip() -> ResponseReturnValue:
    """The forms of the ticked contracts as DOCX, packed into a ZIP."""
    return _forms("zip")


def _forms(kind: str) -> ResponseReturnValue:
    ids = [number for text in request.args.getlist("contract") if (number := forms.whole(text)) is not None]
    who = access.actor()
    if (batch_id := forms.whole(request.args.get("batch"))) is not None:
        ids = queries.of_batch(batch_id, who)
    if len(ids) > queries.MOST_FORMS:
        flash(f"一次最多 {queries.MOST_FORMS} 份，请分几次。", "error")
        return redirect(url_for("registration.board"))
    contracts = [one for one in queries.for_forms(ids) if may(who, P.PREPARE_REGISTRATION, one.subject)]
    if not contracts:
        flash("请先勾选要导出登记表的合同。", "error")
        return redirect(url_for("registration.board"))
    return sent(actions.forms_file(contracts, kind, who))


def sent(file: exports.File, contract_id: int | None = None) -> ResponseReturnValue:
    """Send a file and note it in the access log."""
    exports.note_export(access.actor(), "contract", f"{file.name}，{file.rows} 行", request.remote_addr or "", contract_id)
    return send_file(io.BytesIO(file.content), mimetype=file.media_type, as_attachment=True, download_name=file.name, max_age=0)
