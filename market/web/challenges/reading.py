"""Reading a challenge: its page and its sheet of paper."""

from __future__ import annotations

from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from market.actions import matches as match_actions
from market.domain.permissions import Permission as P
from market.domain.permissions import may
from market.queries import attachments, challenges, drafting, matches, objections
from market.web import access
from market.web.challenges import shown
from market.web.challenges.blueprint import bp


@bp.route("/challenges/<int:challenge_id>")
@access.public
def detail(challenge_id: int) -> ResponseReturnValue:
    """One challenge: its words and indicators, who might answer, what happened, and the one next action."""
    challenge = access.load_visible(challenges.get, challenge_id, P.SEE_CHALLENGE)
    who = access.actor()
    side = challenges.side_of(challenge, who)
    inside = may(who, P.SEE_CHALLENGE, challenge.subject)
    files = attachments.of_challenge(challenge_id)
    found = matches.for_challenge(challenge_id, who, g.site.confirmation_months) if challenge.state == "published" else None
    kind = request.args.get("kind", "")
    ranked = matches.of_kind(found, kind) if found is not None else None
    if ranked and who.id is not None:
        shown_rows = [(row.item_id, row.rank) for row in ranked]
        match_actions.note_shown("challenge", who, "challenge", challenge_id, "capability", shown_rows, ranked[0].engine_version)
    match_actions.note_opened(request.args.get("match", 0, int), who, challenge_id)
    opens_all = may(who, P.SEE_ATTACHMENT, challenge.subject)
    return render_template(
        "challenges/detail.html",
        challenge=challenge,
        matches=ranked,
        match_tabs_of=shown.match_tabs(challenge_id, found or [], kind),
        side=side,
        inside=inside,
        poster=challenges.poster(challenge, who),
        names_poster=may(who, P.SEE_POSTER, challenge.subject),
        tags=challenge.organisation.tag_list if inside else drafting.public_tags(challenge),
        files=files,
        may_open={file.id for file in files} if opens_all else attachments.may_open(challenge_id, who.organisation_id),
        manages=may(who, P.EDIT_CHALLENGE, challenge.subject),
        action=shown.next_action(challenge, who, side),
        own_steps=shown.own_steps(challenge, who),
        amends=shown.amendments(challenge, who),
        choice=objections.public_choice(challenge),
        timeline_entries=shown.timeline(challenges.history(challenge_id), inside),
        comments=challenges.comments(challenge_id) if inside and challenge.state == "returned" else [],
        url=shown.address(challenge),
        share_text=shown.share_text(challenge, g.site.name),
    )


@bp.route("/challenges/<int:challenge_id>/one-page")
@access.public
def one_page(challenge_id: int) -> ResponseReturnValue:
    """The challenge on one sheet of A4 with its QR code: public words only, whoever prints it."""
    challenge = access.load_visible(challenges.get, challenge_id, P.SEE_CHALLENGE)
    return render_template(
        "challenges/one_page.html",
        challenge=challenge,
        poster=challenges.public_name(challenge, challenge.organisation),
        tags=drafting.public_tags(challenge),
        url=shown.address(challenge),
    )
