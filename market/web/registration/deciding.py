"""Suspected duplicates: the queue, and a person's decision with its reason."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from market.actions import duplicates as actions
from market.domain import money
from market.domain.codes import label, region_name
from market.domain.duplicates import CAUSES, DUPLICATE
from market.domain.errors import Invalid
from market.domain.permissions import Permission as P
from market.domain.permissions import may
from market.models import Contract, DuplicateCase
from market.queries import duplicates as queries
from market.web import access, forms
from market.web.registration.blueprint import bp

_STEPS = {"find": "系统发现"} | {step.name: step.label for step in DUPLICATE.steps}


@bp.route("/registration/duplicates")
@access.requires(P.SEE_CONTRACT)
def duplicates() -> ResponseReturnValue:
    """Contracts that may be one and the same."""
    return _queue({})


def _queue(errors: dict[int, dict[str, str]], status: int = 200) -> ResponseReturnValue:
    state = request.args.get("state", "open")
    state = state if state in DUPLICATE.states else "open"
    cases, numbers, page, pages = queries.queue(access.actor(), state, request.args.get("page", 1, int))
    told = queries.histories([case.id for case in cases])
    shown = [
        {
            "case": case,
            "rows": _compared(case),
            "cause": CAUSES[case.cause],
            "decides": may(access.actor(), P.DECIDE_DUPLICATE, case.subject),
            "history": [
                {"at": one.at, "title": _STEPS.get(one.step, one.step), "who": one.actor_name, "note": one.reason} for one in told[case.id]
            ],
            "errors": errors.get(case.id, {}),
            "typed": request.form.get("reason", "") if case.id in errors else "",
        }
        for case in cases
    ]
    page_html = render_template(
        "registration/duplicates.html", shown=shown, state=state, words=DUPLICATE.states, numbers=numbers, page=page, pages=pages
    )  # fmt: skip
    return page_html, status


def _compared(case: DuplicateCase) -> list[dict[str, Any]]:
    """Return the two contracts side by side: what each says, and whether it is the same."""

    def facts(contract: Contract) -> list[tuple[str, str]]:
        return [
            ("卖方", contract.seller_name), ("卖方注册地", region_name(contract.seller_region)), ("买方", contract.buyer_name),
            ("签订日期", str(contract.signed_on or "未填")), ("成交额", money.wan(contract.amount_fen)),
            ("类型", label("contract_type", contract.type)), ("登记编号", contract.registration_number or "未登记"),
        ]  # fmt: skip

    return [
        {"label": word, "left": left, "right": right, "same": left == right}
        for (word, left), (_word, right) in zip(facts(case.contract), facts(case.other), strict=True)
    ]


@bp.route("/registration/duplicates/<int:case_id>/steps/<string:step>", methods=["POST"])
@access.requires(P.DECIDE_DUPLICATE)
def decide(case_id: int, step: str) -> ResponseReturnValue:
    """Decide whether two contracts are the same, or decide anew."""
    if step not in {one.name for one in DUPLICATE.steps}:
        abort(404)
    case = access.load(queries.get, case_id, P.DECIDE_DUPLICATE, see=P.SEE_CONTRACT)
    version = forms.whole(request.form.get("version"))

    def work() -> str:
        actions.decide(case, step, access.actor(), request.form.get("reason", ""), forms.whole(request.form.get("kept")), version)
        flash(f"已记下：{DUPLICATE.step(step).label}。", "success")
        return url_for("registration.duplicates")

    try:
        return access.once(work)
    except Invalid as error:
        return _queue({case_id: error.fields}, 422)
