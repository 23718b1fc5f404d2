"""The reviewers' desk: the queue, one item beside it, and the decisions."""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from market.actions import moderation as actions
from market.domain import challenges as challenge_rules
from market.domain import clock, codes
from market.domain.capabilities import CAPABILITY
from market.domain.challenges import CHALLENGE
from market.domain.errors import Invalid
from market.domain.permissions import Permission as P
from market.domain.permissions import may
from market.models import Challenge
from market.queries import attachments, challenges, drafting, versions
from market.queries import moderation as queries
from market.web import access
from market.web.formatters import ago

bp = Blueprint("moderation", __name__)
_DECISIONS = {"publish": P.MODERATE, "return": P.MODERATE, "reject": P.MODERATE, "suspend": P.SUSPEND, "resume": P.SUSPEND}
_LONG = frozenset({"pain", "background", "tried", "requirements", "summary", "problem", "advantages", "conditions", "evidence", "ip"})
_ELSEWHERE = frozenset({"title", "indicators"})  # the page's heading, a table of its own
_DECIDED_HERE = frozenset({"field", "track", "requirements", "closes"})  # the reviewer's, or nobody misses it
_DONE = {
    "publish": "已发布，并通知了对方",
    "return": "已退回，意见已发给对方",
    "reject": "已记为不予发布，并通知了对方",
    "suspend": "已中止公开",
    "resume": "已恢复公开",
}


@bp.route("/moderation")
@access.requires(P.SEE_QUEUE)
def queue() -> ResponseReturnValue:
    """What waits for a decision, the most urgent first."""
    only, state = _asked()
    entries = queries.queue(access.actor(), only, state)
    return render_template("moderation/queue.html", entries=_lines(entries, only, state), state=state, **_tabs(only, state))


@bp.route("/moderation/<string:kind>/<int:item_id>")
@access.requires(P.SEE_QUEUE)
def item(kind: str, item_id: int) -> ResponseReturnValue:
    """One listing with its words, what changed, what is alike and what to decide."""
    return _item_page(kind, item_id)


@bp.route("/moderation/<string:kind>/<int:item_id>/<string:decision>", methods=["GET", "POST"])
@access.requires(P.SEE_QUEUE)
def decide(kind: str, item_id: int, decision: str) -> ResponseReturnValue:
    """Take a decision; opened by GET (from an error page) it leads back to the item."""
    if decision not in _DECISIONS:
        abort(404)
    if request.method == "GET":
        _load(kind, item_id, P.SEE_QUEUE)
        return redirect(url_for("moderation.item", kind=kind, item_id=item_id))
    listing = _load(kind, item_id, _DECISIONS[decision])

    def work() -> str:
        _carry_out(decision, listing)
        flash(_DONE[decision], "success")
        waiting = [entry for entry in queries.queue(access.actor()) if not entry.own]
        if decision in ("suspend", "resume") or not waiting:
            return url_for("moderation.item", kind=kind, item_id=item_id)
        return url_for("moderation.item", kind=waiting[0].kind, item_id=waiting[0].item_id)

    try:
        return access.once(work)
    except Invalid as error:
        return _item_page(kind, item_id, error.fields), 422


def _carry_out(decision: str, listing: queries.Listing) -> None:
    form, who = request.form, access.actor()
    version = form.get("version", type=int)
    if decision == "publish":
        field, track = form.get("field", ""), form.get("track", "")
        values = {
            "field": field if field in codes.FIELDS else None,
            "track": track if track in codes.TRACKS else None,
            "adviser_id": form.get("adviser_id", type=int),
        }
        actions.publish(listing, who, values, version)
    elif decision == "return":
        comments = {name.removeprefix("comment_"): text for name, text in form.items() if name.startswith("comment_")}
        actions.send_back(listing, comments, who, version)
    elif decision == "reject":
        actions.reject(listing, form.get("reason_code", ""), form.get("reason", ""), who, version)
    else:
        {"suspend": actions.suspend, "resume": actions.resume}[decision](listing, who, form.get("reason", "").strip())


def _load(kind: str, item_id: int, permission: P | None = None) -> queries.Listing:
    """Return a listing that the person may see and, where `permission` is given, decide about."""
    see = P.SEE_CHALLENGE if kind == "challenge" else P.SEE_CAPABILITY
    return cast(queries.Listing, access.load(lambda key: queries.get(kind, key), item_id, permission or see, see=see))


def _item_page(kind: str, item_id: int, errors: dict[str, str] | None = None) -> str:
    listing = _load(kind, item_id)
    who = access.actor()
    words = versions.content(listing)
    labels = versions.LABELS[kind]
    before = queries.previous(kind, item_id)
    is_challenge = isinstance(listing, Challenge)
    text = "\n".join(words[key] for key in ("title", "pain", "summary", "problem") if words.get(key))
    only, state = _asked()
    return render_template(
        "moderation/item.html",
        kind=kind,
        listing=listing,
        entries=_lines(queries.queue(who, only, state), only, state),
        current=f"{kind}-{item_id}",
        owner=challenges.poster(listing, who) if isinstance(listing, Challenge) else listing.organisation.name,
        short=[(labels[key], words[key]) for key in labels if key not in _LONG and key not in _ELSEWHERE],
        long=[(labels[key], words[key]) for key in labels if key in _LONG and words[key]],
        diff=_changes(before.content, words, labels) if before else [],
        alike=drafting.alike(text, kind, item_id),
        guess=drafting.guess(text) if listing.field is None else drafting.Guess(),
        warnings=drafting.giveaways(listing) if isinstance(listing, Challenge) else [],
        missing=_missing(words, labels),
        files=attachments.of_challenge(item_id) if is_challenge else [],
        competition=_competition(listing),
        end_of_due=clock.end_of_day(listing.answer_due) if listing.answer_due else None,
        history_lines=_history(kind, item_id),
        sections=list(queries.SECTIONS[kind].items()),
        advisers=queries.advisers(),
        fields=codes.FIELDS,
        tracks=codes.TRACKS,
        reject_reasons=list(codes.REJECT_REASONS.items()),
        errors=errors or {},
        may_decide=listing.state == "submitted" and may(who, P.MODERATE, listing.subject),
        is_own=may(who, P.MODERATE) and not may(who, P.MODERATE, listing.subject),
        may_suspend=listing.is_public and may(who, P.SUSPEND, listing.subject),
        may_resume=listing.state == "suspended" and may(who, P.SUSPEND, listing.subject),
    )


def _asked() -> tuple[str, str]:
    only, state = request.args.get("only", ""), request.args.get("state", "submitted")
    return only if only in queries.KINDS else "", state if state in queries.STATES else "submitted"


def _lines(entries: list[queries.QueueEntry], only: str, state: str) -> list[dict[str, Any]]:
    keep: dict[str, Any] = {"only": only or None, "state": state if state != "submitted" else None}
    return [
        {
            "id": entry.id,
            "href": url_for("moderation.item", kind=entry.kind, item_id=entry.item_id, **keep),
            "title": entry.title or "（还没有标题）",
            "kind": queries.KINDS[entry.kind] + ("（本单位，请他人审核）" if entry.own else ""),
            "owner": entry.owner,
            "waited": f"{ago(entry.submitted_at)}提交" if entry.submitted_at else "",
            "due_at": clock.end_of_day(entry.due) if entry.due else None,
            "overdue": entry.overdue,
        }
        for entry in entries
    ]


def _tabs(only: str, state: str) -> dict[str, Any]:
    waiting = queries.counts()
    kinds = [("", "全部", sum(waiting.values())), *((key, words, waiting[key]) for key, words in queries.KINDS.items())]
    return {
        "kind_tabs": [
            {
                "label": words,
                "href": url_for("moderation.queue", only=key or None, state=state),
                "current": key == only,
                "count": number if state == "submitted" else None,
            }
            for key, words, number in kinds
        ],
        "state_tabs": [
            {"label": words, "href": url_for("moderation.queue", only=only or None, state=key), "current": key == state}
            for key, words in queries.STATES.items()
        ],
    }


def _changes(before: dict[str, Any], after: dict[str, str], labels: dict[str, str]) -> list[dict[str, str]]:
    """Return the changed sections side by side; what stayed is below in full."""
    rows = [{"label": labels[key], "before": str(before.get(key, "")), "after": after[key]} for key in labels]
    return [row for row in rows if row["before"] != row["after"]]


def _missing(words: dict[str, str], labels: dict[str, str]) -> list[str]:
    return [label for key, label in labels.items() if not words[key] and key not in _DECIDED_HERE]


def _competition(listing: queries.Listing) -> list[str]:
    """Return what still stands against publishing an open call."""
    if not isinstance(listing, Challenge) or listing.procedure != "open_call" or listing.state != "submitted":
        return []
    said = []
    if not challenge_rules.measurable(listing.indicators):
        said.append("公开揭榜至少要有一项可测的指标（目标值和单位，或验收办法）")
    if listing.closes_at is None or listing.closes_at <= clock.now():
        said.append("公开揭榜要有将来的申报截止日期")
    return said


def _history(kind: str, item_id: int) -> list[dict[str, Any]]:
    lifecycle = CHALLENGE if kind == "challenge" else CAPABILITY
    labels = {step.name: step.label for step in lifecycle.steps} | {"create": "创建草稿", "edit": "修改内容", "confirm": "企业确认代填内容"}
    return [
        {"at": entry.at, "title": labels.get(entry.step, "更新"), "who": entry.actor_name, "note": entry.reason or "", "tone": None}
        for entry in queries.history(kind, item_id)
    ]
