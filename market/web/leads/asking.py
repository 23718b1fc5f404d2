"""What needs no account: the box, the three sentences with their answer, and the enterprise's confirmation."""

from __future__ import annotations

from flask import abort, flash, g, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from market.actions import leads as actions
from market.actions import matches
from market.domain.permissions import PUBLIC, may
from market.domain.permissions import Permission as P
from market.queries import attachments, drafting, leads, suggestions
from market.web import access, forms
from market.web.formatters import short_day
from market.web.leads.blueprint import bp
from market.web.leads.forms import AskForm, ConfirmForm, RefuseForm

_ASKED = "asked_leads"  # ids in the session cookie: a visitor comes back to their own answer


@bp.route("/try", methods=["GET", "POST"])
@access.public
@access.read_only
def try_match() -> ResponseReturnValue:
    """把难题写在这里: rank the capabilities for a text; it is not stored, and posted only to keep it out of addresses."""
    text = request.form.get("text", "").strip()[: suggestions.LONGEST]
    found = suggestions.capabilities_for(text, g.site.confirmation_months) if request.method == "POST" else None
    if found is not None:  # what was shown at which rank, never the text nor who wrote it
        matches.note_shown("try", PUBLIC, "text", None, "capability", _ranks(found), found.engine_version)
    return render_template("leads/try_match.html", text=text, found=found, shortest=suggestions.SHORTEST)


@bp.route("/ask", methods=["GET", "POST"])
@access.public
def ask() -> ResponseReturnValue:
    """三句话提需求: keep them for the clerk and go to the answer."""
    form = AskForm()

    def work() -> str:
        lead = actions.ask(form.values(), request.remote_addr or "")
        session[_ASKED] = [lead.id, *session.get(_ASKED, [])][:5]
        return url_for("leads.answered", lead_id=lead.id)

    return forms.submit(form, work) or render_template("leads/ask.html", form=form)


@bp.route("/ask/<int:lead_id>")
@access.public
def answered(lead_id: int) -> ResponseReturnValue:
    """The answer at once: the best capabilities and why; for the browser that asked, and for those who may see the lead."""
    lead = leads.get(lead_id)
    if lead is None or not (lead_id in session.get(_ASKED, []) or may(access.actor(), P.SEE_LEAD, lead.subject)):
        abort(404)
    g.personal = True
    text, due = f"{lead.wrong}\n{lead.wanted}", lead.due
    found = suggestions.capabilities_for(text, g.site.confirmation_months)
    matches.note_shown("lead", access.actor(), "lead", lead_id, "capability", _ranks(found), found.engine_version)
    return render_template("leads/answered.html", text=text, due=due, found=found)


def _ranks(found: suggestions.Suggestions) -> list[tuple[int, int]]:
    return [(row.id, row.rank) for row in found.rows]


@bp.route("/confirm/<string:token>", methods=["GET", "POST"])
@access.public
def confirm(token: str) -> ResponseReturnValue:
    """The enterprise reads what was filled in for it and confirms, or says what to change."""
    g.personal = True
    found = leads.by_link(token)
    if found is None:
        return render_template("leads/link_over.html"), 404
    lead, challenge = found
    refusing = "words" in request.form
    form, refusal = ConfirmForm(formdata=None if refusing else request.form), RefuseForm(formdata=request.form if refusing else None)
    done = forms.submit(refusal, lambda: _refuse(token, refusal)) if refusing else forms.submit(form, lambda: _confirm(token, form))
    if done:
        return done
    form.version.data = form.version.data or str(challenge.version)
    return render_template(
        "leads/confirm.html",
        form=form,
        refusal=refusal,
        challenge=challenge,
        lead=lead,
        poster=challenge.organisation.name,
        tags=drafting.public_tags(challenge),
        warnings=drafting.giveaways(challenge),
        files=attachments.of_challenge(challenge.id),
    )


def _confirm(token: str, form: ConfirmForm) -> str:
    challenge = actions.confirm(token, bool(form.no_secrets.data), forms.whole(form.version.data))
    flash(f"已确认并提交审核，最迟 {short_day(challenge.answer_due)}答复您", "success")
    return url_for("leads.confirmed")


def _refuse(token: str, form: RefuseForm) -> str:
    actions.refuse(token, form.words.data or "")
    flash("收到您的修改意见，改好之后会再发一个链接请您确认", "success")
    return url_for("leads.confirmed")


@bp.route("/confirmed")
@access.public
def confirmed() -> ResponseReturnValue:
    """Thanks, and what comes next."""
    return render_template("leads/confirmed.html")
