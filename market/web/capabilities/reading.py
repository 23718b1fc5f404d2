"""Reading a capability: its page and its sheet of paper."""

from __future__ import annotations

from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from market.actions import matches as match_actions
from market.domain import clock
from market.domain.permissions import Permission as P
from market.domain.permissions import may
from market.queries import capabilities, challenges, matches
from market.web import access
from market.web.capabilities import shown
from market.web.capabilities.blueprint import bp


@bp.route("/capabilities/<int:capability_id>")
@access.public
def detail(capability_id: int) -> ResponseReturnValue:
    """One capability: its words, who needs it, what happened, and the one next action."""
    capability = access.load_visible(capabilities.get, capability_id, P.SEE_CAPABILITY)
    who = access.actor()
    inside = may(who, P.SEE_CAPABILITY, capability.subject)
    ranked = matches.for_capability(capability_id, who) if capability.state in {"published", "reserved"} else None
    if ranked and who.id is not None:
        shown_rows = [(row.item_id, row.rank) for row in ranked]
        match_actions.note_shown("capability", who, "capability", capability_id, "challenge", shown_rows, ranked[0].engine_version)
    match_actions.note_opened(request.args.get("match", 0, int), who, capability_id)
    fresh, stale = shown.freshness_words(capability, clock.today(), g.site.confirmation_months)
    return render_template(
        "capabilities/detail.html",
        capability=capability,
        matches=ranked,
        inside=inside,
        fresh=fresh,
        stale=stale,
        manages=may(who, P.EDIT_CAPABILITY, capability.subject),
        action=shown.next_action(capability, who),
        own_steps=shown.own_steps(capability, who),
        timeline_entries=shown.timeline(capabilities.history(capability_id), inside),
        comments=challenges.comments(capability_id, "capability") if inside and capability.state == "returned" else [],
        url=shown.address(capability),
        share_text=shown.share_text(capability, g.site.name),
    )


@bp.route("/capabilities/<int:capability_id>/one-page")
@access.public
def one_page(capability_id: int) -> ResponseReturnValue:
    """The capability on one sheet of A4 with its QR code."""
    capability = access.load_visible(capabilities.get, capability_id, P.SEE_CAPABILITY)
    return render_template("capabilities/one_page.html", capability=capability, url=shown.address(capability))
