"""Pressing twice does it once: every form that makes or moves something is posted twice, and the second changes no row.

The same answer comes back (where the first one led), no row of any table is added or changed by the second, and the chains
hold. A form on any page that carries no key must be one that may be repeated without harm.
"""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from market.db import db
from market.domain import clock
from market.queries import verify
from tests.cast import Cast
from tests.domain.test_attachments import PDF
from tests.page import Browser, Page
from tests.security import world as worlds
from tests.security.test_fuzz import forms_of, posting
from tests.security.walking import walking

TODAY = "2026-06-10"
UNTOUCHED = {"access_log", "rate_bucket", "user_session", "impression"}  # notes of a visit, not effects of a form
# Repeating these changes nothing more: they set what is set already, end what has ended, or only read.
REPEATABLE = {
    "accounts.sign_in", "accounts.sign_out", "accounts.forgot_password", "accounts.reset_password", "accounts.confirm_email",
    "accounts.confirm_new_email", "accounts.change_password", "accounts.change_email", "accounts.consent", "accounts.totp",
    "accounts.begin_totp", "accounts.recovery_codes", "accounts.end_sessions", "accounts.read_notices", "accounts.take_message",
    "accounts.mark_told", "accounts.send_again", "accounts.disable_member", "accounts.enable_member", "accounts.set_member_roles",
    "accounts.withdraw_invitation", "accounts.disable_staff", "accounts.enable_staff", "accounts.set_staff_roles",
    "accounts.reset_second_factor", "accounts.end_stand_in", "capabilities.renew", "leads.try_match", "registration.copy",
}  # fmt: skip
WHOLE = {
    "basis": "做过三百只", "period_months": "12", "price": "100", "technology": "80", "equipment": "20", "route": "弱溶剂", "team": "六人",
    "responses-0-promised": "86", "responses-0-meets": "exceeds", "milestones-0-name": "样机", "milestones-0-month": "12",
    "milestones-0-share": "100",
}  # fmt: skip
DEAL = {
    "title": "低温电解液开发", "kind": "KF:entrusted", "amount": "100", "technical_amount": "80", "field": "06", "payment_mode": "once",
    "plan_source": "none", "ip_type": "none", "goal_code": "industry", "buyer-name": "买方公司", "buyer-region": "310107",
}  # fmt: skip
CLICKS: list[tuple[str, str, str, dict[str, Any]]] = [  # endpoint, state of the subject, who, what is typed
    ("challenges.create", "", "seeker", {"title": "电池不耐冷", "pain": "冬天掉电。", "save_draft": "1", "draft_key": "d" * 20}),
    ("challenges.take_step", "published", "seeker", {"reason": "不做了"}),
    ("capabilities.create", "", "tto", {"title": "低温电解液", "summary": "零下三十度可用。", "disclosable": "y", "kind": "result", "stage": "pilot"}),
    ("capabilities.confirm", "published", "professor", {}),
    ("contacts.create", "", "stranger", {"message": "想谈谈"}),
    ("capabilities.take_step", "published", "tto", {"reason": "不再提供"}),
    ("leads.ask", "", "nobody", {"wrong": "电池不耐冷", "company": "来电公司", "phone": "13900000003", "consent": "y"}),
    ("leads.visit", "", "liaison", {"wrong": "电池不耐冷", "company": "走访公司", "phone": "13900000004", "region": "310107"}),
    ("leads.draft", "new", "clerk", {"name": "新公司", "region": "310107", "title": "电池不耐冷", "pain": "冬天掉电。"}),
    ("leads.close", "assigned", "liaison", {"reason": "重复"}),
    ("contacts.answer", "unanswered", "rival", {"decision": "accept", "reason": ""}),
    ("contacts.note", "accepted", "tto", {"happened_on": TODAY, "kind": "call", "text": "通了电话"}),
    ("contacts.expect", "accepted", "tto", {"expected": "80"}),
    ("contacts.take_step", "accepted", "tto", {"reason": "谈不拢"}),
    ("bids.create", "call", "rival", WHOLE),
    ("bids.take_step", "sent", "tto", {}),
    ("bids.reserve", "opened", "seeker", {}),
    ("bids.choose", "opened", "seeker", {"reason": "指标最好"}),
    ("contracts.create", "", "tto", DEAL),
    ("contracts.take_step", "draft", "seeker", {"sign-signed_on": TODAY}),
    ("contracts.add_payment", "signed", "seeker", {"pay-paid_on": TODAY, "pay-amount": "5"}),
    ("contracts.remove_payment", "signed", "seeker", {"reason": "记错了"}),
    ("contracts.add_file", "signed", "seeker", {"file-kind": "contract"}),
    ("contracts.remove_file", "signed", "seeker", {}),
    ("contracts.adjust", "registered", "tto", {"adjust-delta": "5", "adjust-on": TODAY, "adjust-reason": "加了一台"}),
    ("accounts.members", "", "seeker", {"email": "second@example.org", "role": "org_member"}),
    ("accounts.staff", "", "sysadmin", {"person_name": "新同事", "email": "third@example.org", "roles": ["clerk"]}),
    ("imports.confirm", "own", "tto", {}),
    ("accounts.organisation_step", "institute", "clerk", {"reason": "证照过期"}),
    ("moderation.decide", "submitted", "clerk", {"field": "06", "track": "新能源"}),
    ("imports.create", "", "clerk", {"kind": "capabilities", "money": ""}),
]  # fmt: skip


def rows() -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, but those that note a visit."""
    db.session.remove()
    tables = [table for table in db.metadata.sorted_tables if table.name not in UNTOUCHED]
    return {table.name: sorted((tuple(row) for row in db.session.execute(select(table))), key=repr) for table in tables}


def shown_on(browser: Browser, path: str) -> dict[str, Any]:
    """Return what the longest form of a page holds before anything is typed."""
    return dict(max((fields for _action, fields in posting(browser.get(path).body, path)), key=len))


def prefixed(data: dict[str, Any], key: str) -> dict[str, Any]:
    """Return the data with the key under the name that its form gives it."""
    prefix = next((name.split("-")[0] + "-" for name in data if name.split("-")[0] in {"sign", "pay", "adjust", "file"}), "")
    return {**data, "idempotency_key": key, f"{prefix}idempotency_key": key}


@pytest.mark.timeout(600)
def test_pressing_twice_does_it_once(app: Flask, cast: Cast) -> None:
    world = worlds.build(cast)
    by_endpoint = {rule.endpoint: rule for rule in worlds.rules(app)}
    wrong, people = [], worlds.people(world)
    for n, (endpoint, state, part, typed) in enumerate(CLICKS):
        db.session.remove()
        user, rule = people[part], by_endpoint[endpoint]
        browser = Browser(app) if user is None else Browser(app).sign_in(worlds.find(db.session.merge(user).id))
        path = worlds.path(app, rule, world.values(rule, state)) + ("?capability=3" if endpoint == "contacts.create" else "")
        shown = shown_on(browser, path) if "GET" in (rule.methods or set()) and not endpoint.endswith(("take_step", "decide")) else {}
        before, answers = rows(), []
        for _ in range(2):
            data = prefixed(shown | typed, f"key-{n}-0123456789")
            if endpoint == "imports.create":
                data["file"] = (io.BytesIO("标题,描述\n又一项,说明文字\n".encode()), "清单.csv")
            if endpoint == "contracts.add_file":
                data["file-file"] = (io.BytesIO(PDF), "合同.pdf")
            answers.append(browser.post(path, data, follow=False).response)
            if len(answers) == 1:
                after = rows()
        codes = [answer.status_code for answer in answers]
        if codes != [302, 302] or answers[0].location != answers[1].location:
            said = Page(browser, answers[0]).find(".invalid-feedback, .alert, .field-error, [role=alert], .error")
            wrong.append(
                f"{endpoint} {state}: {codes} {[answer.location for answer in answers]} {[e.text_content().strip() for e in said]}"
            )
        if after == before:
            wrong.append(f"{endpoint} {state}: the first did nothing")
        again = rows()
        wrong += [f"{endpoint} {state}: the second changed {name}" for name in again if again[name] != after[name]]
    assert not wrong, "\n".join(wrong)
    assert [p for report in verify.everything() for p in report.problems if "搜不到" not in p] == []


@pytest.mark.on_one("sqlite")
@pytest.mark.timeout(600)
def test_every_form_that_does_something_carries_a_key(app: Flask, cast: Cast) -> None:
    world = worlds.build(cast)
    adapter = app.url_map.bind("")
    with walking(app, world) as walker:
        bare = {
            adapter.match(action.split("?")[0], method="POST")[0]
            for _part, action, fields in forms_of(app, walker, world)
            if not any(name.endswith("idempotency_key") for name in fields)
        }
    assert clock.today()
    assert not sorted(bare - REPEATABLE), "give these forms an idempotency key, or say why they may be repeated"
