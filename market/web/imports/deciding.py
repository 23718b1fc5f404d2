"""Rows of the registry's list that a person decides: what differs from the market's contracts, what may be one of them."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from market.actions import import_settle
from market.domain import registry
from market.domain.contracts import CONTRACT
from market.domain.duplicates import CAUSES
from market.domain.errors import IllegalStep, Invalid
from market.domain.permissions import Permission as P
from market.models import ImportBatch
from market.queries import imports as queries
from market.web import access, forms
from market.web.imports.blueprint import bp

TABS = ("differs", "suggested", "settled", "kept", "same", "written")


def _load(batch_id: int) -> ImportBatch:
    return access.load(queries.batch, batch_id, P.IMPORT_LISTS)


@bp.route("/imports/<int:batch_id>/rows")
@access.requires(P.IMPORT_LISTS)
def rows(batch_id: int) -> ResponseReturnValue:
    """Lists the rows in one state, with what differs and what can be done."""
    batch = _load(batch_id)
    state = request.args.get("state", "")
    state = state if state in TABS else TABS[0]
    states = queries.states(batch.id)
    tabs = [
        {"label": registry.STATES[one], "href": url_for("imports.rows", batch_id=batch.id, state=one), "current": one == state,
         "count": states.get(one, 0)}
        for one in TABS
    ]  # fmt: skip
    return render_template(
        "imports/rows.html",
        batch=batch,
        state=state,
        tabs=tabs,
        states=states,
        found=queries.decisions(batch.id, state, request.args.get("page", 1, int)),
        words=registry.WORDS,
        shown=_shown,
        causes=CAUSES,
    )


def _shown(name: str, value: object) -> str:
    return CONTRACT.states.get(str(value), str(value)) if name == "state" else registry.shown(name, value)


@bp.route("/imports/<int:batch_id>/rows/<int:row_id>", methods=["POST"])
@access.requires(P.IMPORT_LISTS)
def decide(batch_id: int, row_id: int) -> ResponseReturnValue:
    """Takes one decision: accept, keep, same (as a contract of the market), or new."""
    batch, form = _load(batch_id), request.form
    decision = form.get("decision", "")

    def work() -> str:
        who = access.actor()
        try:
            if decision == "accept":
                import_settle.accept(batch, row_id, who)
            elif decision == "keep":
                import_settle.keep(batch, row_id, form.get("reason", ""), who)
            elif decision == "same":
                import_settle.same_as(batch, row_id, forms.whole(form.get("contract_id")) or 0, who)
            elif decision == "new":
                import_settle.as_new(batch, row_id, who)
            else:
                raise IllegalStep("请选择怎么处理")
            flash(_SAID[decision], "success")
        except (IllegalStep, Invalid) as refused:
            flash(str(refused), "error")
        return url_for("imports.rows", batch_id=batch_id, state="suggested" if decision in {"same", "new"} else "differs")

    return access.once(work)


_SAID = {"accept": "已采用登记机构的数据", "keep": "已保留本站的数据", "same": "已记为同一份合同，状态为已登记", "new": "已作为新合同导入"}


@bp.route("/imports/<int:batch_id>/accept-all", methods=["POST"])
@access.requires(P.IMPORT_LISTS)
def accept_all(batch_id: int) -> ResponseReturnValue:
    """Lets the worker take over every open difference."""
    batch = _load(batch_id)

    def work() -> str:
        import_settle.accept_all(batch, access.actor())
        return url_for("imports.detail", batch_id=batch_id)

    return access.once(work)
