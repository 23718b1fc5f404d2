"""Pages of those who follow leads: the list, one lead with its next step, a visit noted on the phone, 代填."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from market.actions import leads as actions
from market.domain.challenges import EDITABLE_STATES
from market.domain.leads import LEAD, SOURCES
from market.domain.permissions import Permission as P
from market.domain.permissions import may
from market.models import Challenge, Lead
from market.queries import gaps, leads, visit_files
from market.web import access, forms
from market.web.files import noted_download, uploads
from market.web.leads.blueprint import bp
from market.web.leads.forms import AssignForm, DraftForm, VisitForm

_LINK = "confirm_link"  # [lead id, address]: shown to who made it, until the next one; only its hash is in the database


@bp.route("/leads")
@access.requires(P.SEE_LEAD)
def index() -> ResponseReturnValue:
    """The leads one may see, by state."""
    state = request.args.get("state", "")
    state = state if state in LEAD.states else ""
    found = leads.listed(access.actor(), state, request.args.get("page", 1, int))
    tabs = [{"label": "全部", "href": url_for("leads.index"), "current": not state, "count": sum(found.by_state.values())}]
    tabs += [
        {"label": word, "href": url_for("leads.index", state=code), "current": code == state, "count": found.by_state.get(code, 0)}
        for code, word in LEAD.states.items()
    ]
    return render_template("leads/index.html", found=found, tabs=tabs, sources=SOURCES)


@bp.route("/leads/new", methods=["GET", "POST"])
@access.requires(P.WORK_LEAD)
def visit() -> ResponseReturnValue:
    """Note a visit: company, three sentences, done."""
    form = VisitForm()

    def work() -> str:
        return url_for("leads.detail", lead_id=actions.note_visit(form.values(), access.actor(), uploads(form.files)).id)

    done = forms.submit(form, work)
    return done or render_template("leads/visit.html", form=form)


@bp.route("/leads/<int:lead_id>/files/<int:attachment_id>")
@access.requires(P.SEE_LEAD)
def download(lead_id: int, attachment_id: int) -> ResponseReturnValue:
    """One photo of a visit, as a download, for those who may see the lead; noted in the access log."""
    file = access.load(visit_files.of_lead, attachment_id, P.SEE_LEAD)
    return noted_download(file, lead_id, access.actor())


@bp.route("/leads/<int:lead_id>")
@access.requires(P.SEE_LEAD)
def detail(lead_id: int) -> ResponseReturnValue:
    """One lead."""
    return _detail(access.load(leads.get, lead_id, P.SEE_LEAD))


def _detail(lead: Lead, form: AssignForm | None = None) -> ResponseReturnValue:
    who = access.actor()
    challenge = leads.challenge_of(lead.id)
    works = may(who, P.WORK_LEAD, lead.subject)
    may_assign = may(who, P.ASSIGN_LEAD, lead.subject) and lead.state in {"new", "assigned"}
    if may_assign and form is None:
        form = _assign_form(AssignForm(formdata=None, data={"assignee_id": lead.assignee_id, "next_step": lead.next_step, "due": lead.due}))
        form.version.data = str(lead.version)
    link = session.get(_LINK) or [0, ""]
    return render_template(
        "leads/detail.html",
        lead=lead,
        challenge=challenge,
        timeline=leads.timeline(lead.id),
        sources=SOURCES,
        files=visit_files.of("lead", [lead.id]).get(lead.id, []),
        form=form if may_assign else None,
        link=link[1] if link[0] == lead.id and lead.state == "filled" else "",
        **_next_steps(lead, challenge, works),
    )


def _next_steps(lead: Lead, challenge: Challenge | None, works: bool) -> dict[str, Any]:
    editable = challenge is not None and challenge.state in EDITABLE_STATES
    return {
        "may_draft": works and challenge is None and lead.state in {"new", "assigned"},
        "may_edit": editable and challenge is not None and may(access.actor(), P.EDIT_CHALLENGE, challenge.subject),
        "may_send": works and editable and lead.state != "closed",
        "may_close": works and lead.state in {"new", "assigned", "filled"},
    }


def _assign_form(form: AssignForm) -> AssignForm:
    form.assignee_id.choices = forms.choices([(0, "请选择"), *leads.assignable()])
    return form


@bp.route("/leads/<int:lead_id>/assign", methods=["POST"])
@access.requires(P.ASSIGN_LEAD)
def assign(lead_id: int) -> ResponseReturnValue:
    """Give the lead to somebody."""
    lead = access.load(leads.get, lead_id, P.ASSIGN_LEAD, see=P.SEE_LEAD)
    form = _assign_form(AssignForm())

    def work() -> str:
        next_step, number = form.next_step.data or "", forms.whole(form.version.data)
        actions.assign(lead, form.assignee_id.data, next_step, form.due.data, access.actor(), number)
        flash("已分派", "success")
        return url_for("leads.detail", lead_id=lead_id)

    return forms.submit(form, work) or _detail(lead, form)


@bp.route("/leads/<int:lead_id>/draft", methods=["GET", "POST"])
@access.requires(P.WORK_LEAD)
def draft(lead_id: int) -> ResponseReturnValue:
    """代填: turn the three sentences into a challenge."""
    lead = access.load(leads.get, lead_id, P.WORK_LEAD, see=P.SEE_LEAD)
    start = {
        "name": lead.company,
        "region": lead.region or "",
        "contact_name": lead.contact_name,
        "contact_phone": lead.phone,
        "anonymous": True,
    }
    form = DraftForm(data=start | {"pain": f"{lead.wrong}\n\n想达到：{lead.wanted}" if lead.wanted else lead.wrong})

    def work() -> str:
        actions.draft(lead, form.values(), access.actor())
        flash("需求草稿已建好。可以继续补充指标等内容，或者直接发给企业确认", "success")
        return url_for("leads.detail", lead_id=lead_id)

    return forms.submit(form, work) or render_template("leads/draft.html", form=form, lead=lead, gaps=gaps.of_values(form.values()))


@bp.route("/leads/<int:lead_id>/link", methods=["POST"])
@access.requires(P.WORK_LEAD)
def send_link(lead_id: int) -> ResponseReturnValue:
    """Make the link by which the enterprise confirms."""
    lead = access.load(leads.get, lead_id, P.WORK_LEAD, see=P.SEE_LEAD)

    def work() -> str:
        raw = actions.send_link(lead, access.actor())
        session[_LINK] = [lead_id, current_app.config["MARKET"].public_url.rstrip("/") + url_for("leads.confirm", token=raw)]
        flash("确认链接已生成" + ("，并发到了对方邮箱" if lead.email else "，请用短信或微信发给对方"), "success")
        return url_for("leads.detail", lead_id=lead_id)

    return access.once(work)


@bp.route("/leads/<int:lead_id>/close", methods=["POST"])
@access.requires(P.WORK_LEAD)
def close(lead_id: int) -> ResponseReturnValue:
    """End the lead with a reason."""
    lead = access.load(leads.get, lead_id, P.WORK_LEAD, see=P.SEE_LEAD)

    def work() -> str:
        actions.close(lead, request.form.get("reason", "")[:300], access.actor())
        flash("线索已结束", "success")
        return url_for("leads.detail", lead_id=lead_id)

    return access.once(work)
