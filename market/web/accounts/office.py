"""The commission's back office: settings, holidays, outbox, log."""

from __future__ import annotations

from dataclasses import asdict

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from market.actions import outbox as delivery
from market.actions import site_settings
from market.domain import clock, mails
from market.domain.errors import IllegalStep
from market.domain.permissions import Permission as P
from market.queries import health, office, reembedding
from market.web import access
from market.web import forms as base
from market.web.access import actor, requires
from market.web.accounts import log_words, office_forms
from market.web.accounts.blueprint import bp

OUTBOX_STATES = ("waiting", "failed", "sending", "sent", "told")


@bp.route("/settings", methods=["GET", "POST"])
@requires(P.CONFIGURE)
def settings() -> ResponseReturnValue:
    """Show and change what the commission sets."""
    form = office_forms.SettingsForm(data=asdict(g.site))

    def work() -> str:
        values = {name: form[name].data if form[name].data is not None else "" for name in site_settings.EDITABLE}
        changed = site_settings.change(values, actor())
        flash("设置已保存" if changed else "没有改动", "success")
        return url_for("accounts.settings")

    return base.submit(form, work) or render_template(
        "accounts/settings.html", form=form, years=office.holiday_years(), model=reembedding.read()
    )


@bp.route("/settings/holidays", methods=["GET", "POST"])
@requires(P.CONFIGURE)
def holidays() -> ResponseReturnValue:
    """Show and replace the working-day table of a year."""
    chosen = request.args.get("year", clock.today().year, type=int)
    year = chosen if 2020 <= chosen <= 2100 else clock.today().year
    rows = office.holidays_of(year)
    text = "\n".join(f"{row.day:%Y-%m-%d} {row.name or ('上班' if row.worked else '放假')}" for row in rows)
    form = office_forms.HolidayForm(year=year, days=text, source=rows[0].source if rows else "")

    def work() -> str:
        grown = site_settings.set_holidays(int(form.year.data), str(form.days.data), str(form.source.data), actor())
        flash(f"{form.year.data} 年的安排已保存" + (f"，{grown} 个公示期顺延" if grown else ""), "success")
        return url_for("accounts.holidays", year=form.year.data)

    done = base.submit(form, work)
    return done or render_template(
        "accounts/holidays.html", form=form, year=year, rows=office.holidays_of(year), years=office.holiday_years()
    )


@bp.route("/outbox", endpoint="outbox")
@requires(P.SEE_OUTBOX)
def show_outbox() -> ResponseReturnValue:
    """List the messages by state; links that open an account are hidden here."""
    state = request.args.get("state", "waiting")
    state = state if state in OUTBOX_STATES else "waiting"
    listed = office.messages(state, request.args.get("page", 1, type=int))
    return render_template(
        "accounts/outbox.html",
        listed=listed,
        state=state,
        states=OUTBOX_STATES,
        counts=office.message_counts(),
        service=health.read(),
        smtp=bool(current_app.config["MARKET"].smtp_url),
        masked=lambda body: mails.addressed(mails.masked(body), current_app.config["MARKET"].public_url),
    )


@bp.route("/outbox/<int:outbox_id>/text", methods=["POST"])
@requires(P.TELL_PEOPLE)
def take_message(outbox_id: int) -> ResponseReturnValue:
    """Show a message in full, to be copied and told; who took it is noted."""
    row = delivery.get(outbox_id)
    text = delivery.reveal(row, current_app.config["MARKET"].public_url, actor(), request.remote_addr or "")
    return render_template("accounts/message.html", row=delivery.get(outbox_id), text=text)


@bp.route("/outbox/<int:outbox_id>/told", methods=["POST"])
@requires(P.TELL_PEOPLE)
def mark_told(outbox_id: int) -> ResponseReturnValue:
    """Note that the person was told."""
    return _change(lambda: delivery.mark_told(delivery.get(outbox_id), request.form.get("reason", ""), actor()), "已记为人工通知")


@bp.route("/outbox/<int:outbox_id>/again", methods=["POST"])
@requires(P.TELL_PEOPLE)
def send_again(outbox_id: int) -> ResponseReturnValue:
    """Put a failed message back to wait."""
    return _change(lambda: delivery.try_again(delivery.get(outbox_id), actor()), "已重新排队")


def _change(work: object, said: str) -> ResponseReturnValue:
    try:
        work()  # type: ignore[operator]
    except IllegalStep as refused:
        flash(str(refused), "error")
    else:
        flash(said, "success")
    return redirect(access.safe_next(request.form.get("back"), url_for("accounts.outbox")))


@bp.route("/log")
@requires(P.SEE_LOG)
def log() -> ResponseReturnValue:
    """Show the history of everything, or who opened what, filtered and by pages."""
    form = office_forms.LogFilterForm(request.args)
    form.kind.choices = base.choices([("", "全部"), *log_words.KINDS.items()])
    view = "access" if request.args.get("view") == "access" else "steps"
    valid = form.validate()
    wanted = office.LogFilter(
        person=str(form.person.data or ""), kind=str(form.kind.data or ""), first=form.first.data, last=form.last.data
    )
    page = request.args.get("page", 1, type=int)
    read = office.accesses if view == "access" else office.steps
    listed = read(wanted if valid else office.LogFilter(), page)
    return render_template("accounts/log.html", form=form, view=view, listed=listed, words=log_words)
