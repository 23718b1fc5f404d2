"""Every route × method × person × subject against the one declared table of tests/permission_matrix.py.

The subject belongs to the enterprise or the institute of the cast; so the seeker stands for „own“ and the
stranger for „foreign“, and each subject comes in two states. Every commit of a walk is rolled back, so that no request
sees another's. `MARKET_WRITE_MATRIX=1 pytest tests/test_permission_matrix.py` prints what the code does
into the table; read the difference before you commit it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from market.db import db
from market.models import Contact, Lead
from tests import bidding
from tests.cast import Cast
from tests.conftest import DATABASES
from tests.factories import CapabilityFactory, ChallengeFactory, ContactFactory, ContractFactory
from tests.page import Browser
from tests.permission_matrix import MATRIX

FREE = {"static", "bootstrap.static"}
TABLE = Path(__file__).with_name("permission_matrix.py")
STEPS = {
    "challenges": "submit",
    "capabilities": "submit",
    "bids": "withdraw",
    "contacts": "close",
    "contracts": "sign",
    "accounts": "suspend",
}
Subjects = dict[str, dict[str, Any]]


@pytest.fixture(params=DATABASES[:1])
def place(request: pytest.FixtureRequest) -> Iterator[Any]:
    """One database is enough: permissions do not ask it."""
    from tests import conftest

    kind = request.param
    if kind not in conftest._places:
        conftest._places[kind] = conftest.Place(kind)
    yield conftest._places[kind]
    conftest._places[kind].clean()


@pytest.fixture
def subjects(cast: Cast) -> Subjects:
    """The subjects by state; every room's in an early and in a late one."""
    own = {"organisation": cast.enterprise, "author_id": cast.engineer.id}
    early = ChallengeFactory(**own)
    open_call = bidding.call(cast)
    ability = {"organisation": cast.institute, "author_id": cast.professor.id}
    drafted, shown = CapabilityFactory(**ability), CapabilityFactory(**ability, published=True)
    sides = {"seeker": cast.enterprise, "provider": cast.institute, "capability": shown}
    asked: Contact = ContactFactory(**sides)
    accepted: Contact = ContactFactory(**sides, accepted=True)
    deal = {"seller": cast.institute, "buyer": cast.enterprise}
    lead = Lead(wrong="电池不耐冷", company="申城电池厂", phone="13900000000")
    visited = Lead(wrong="电池不耐冷", company="申城电池厂", phone="13900000000", assignee_id=cast.liaison.id, state="assigned")
    db.session.add_all([lead, visited])
    db.session.commit()
    bid = bidding.sent(open_call, cast.tto)
    common = {"organisation_id": cast.enterprise.id, "user_id": cast.engineer.id, "token": "x" * 43, "year": 2026}
    common |= {"attachment_id": 1, "token_id": 1, "outbox_id": 1, "stand_in_id": 1, "match_id": 1, "payment_id": 1, "objection_id": 1}
    common |= {"kind": "challenge", "decision": "publish", "batch_id": 1, "import_id": 1, "bid_id": bid.id}
    first = {"challenge_id": early.id, "capability_id": drafted.id, "contact_id": asked.id, "lead_id": lead.id, "item_id": early.id}
    second = {"challenge_id": open_call.id, "capability_id": shown.id, "contact_id": accepted.id, "lead_id": visited.id}
    return {
        "early": common | first | {"contract_id": ContractFactory(**deal).id},
        "late": common | second | {"item_id": open_call.id, "contract_id": ContractFactory(**deal, registered=True).id},
    }


def _cells(app: Flask, subjects: Subjects) -> Iterator[tuple[str, str, str]]:
    """Yield (name of the cell, method, path)."""
    with app.test_request_context():
        adapter = app.create_url_adapter(None) or app.url_map.bind("localhost")
        for rule in sorted(app.url_map.iter_rules(), key=lambda r: r.endpoint):
            if rule.endpoint in FREE:
                continue
            states = ["early", "late"] if any(name.endswith("_id") for name in rule.arguments) else ["early"]
            for method in sorted(rule.methods or set()) if rule.methods else []:
                if method not in {"GET", "POST", "PUT", "PATCH", "DELETE"}:
                    continue
                for state in states:
                    known = subjects[state] | {"step": STEPS.get(rule.endpoint.split(".")[0], "publish")}
                    values = {name: known[name] for name in rule.arguments}  # a KeyError names the argument to add above
                    suffix = f" {state}" if len(states) > 1 else ""
                    yield f"{rule.endpoint} {method}{suffix}", method, adapter.build(rule.endpoint, values, method=method)


def _answer(status: int, location: str) -> str:
    if status in {301, 302, 303} and location.startswith("/sign-in"):
        return "sign-in"
    return str(status) if status in {401, 403, 404} or status >= 500 else "yes"  # 200, 302, 400, 409, 422: let in


def _walk(app: Flask, cast: Cast, subjects: Subjects) -> dict[str, str]:
    people: dict[str, Any] = {"nobody": Browser(app)}
    people |= {name: Browser(app).sign_in(user) for name, user in cast.people().items()}
    cookies = {name: browser.client.get_cookie("market") for name, browser in people.items()}
    db.session.remove()
    found: dict[str, str] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flask.templating._render", lambda *_: "")  # only who is let in is asked here; pages have their own tests
        patch.setattr(type(db.session()), "commit", lambda session: (session.flush(), session.rollback()))
        for cell, method, path in _cells(app, subjects):
            answers: dict[str, list[str]] = {}
            for name, browser in people.items():
                if cookies[name] is not None:
                    browser.client.set_cookie("market", cookies[name].value)
                response = _open(browser, method, path)
                answers.setdefault(_answer(response.status_code, response.headers.get("Location", "")), []).append(name)
                db.session.remove()
            found[cell] = _words(answers, len(people))
    return found


def _open(browser: Browser, method: str, path: str) -> Any:
    from flask import g

    g.pop("_login_user", None)
    return browser.client.open(path, method=method)


def _words(answers: dict[str, list[str]], everybody: int) -> str:
    parts = [f"{kind}: {'all' if len(names) == everybody else ' '.join(names)}" for kind, names in answers.items()]
    return " | ".join(sorted(parts, key=lambda part: ("yes" not in part, part)))


def test_every_route_answers_each_person_as_declared(app: Flask, cast: Cast, subjects: Subjects) -> None:
    found = _walk(app, cast, subjects)
    if os.environ.get("MARKET_WRITE_MATRIX"):
        head = TABLE.read_text(encoding="utf-8").split("MATRIX")[0]
        rows = "".join(f'    "{cell}": "{words}",\n' for cell, words in found.items())
        TABLE.write_text(f"{head}MATRIX: dict[str, str] = {{\n{rows}}}\n", encoding="utf-8")
        return
    undeclared = sorted(set(found) - set(MATRIX))
    assert not undeclared, f"declare these in tests/permission_matrix.py: {undeclared}"
    assert not sorted(set(MATRIX) - set(found)), "declared, but there is no such route"
    wrong = [f"{cell}\n  declared {MATRIX[cell]}\n  answered {words}" for cell, words in found.items() if MATRIX[cell] != words]
    assert not wrong, "\n".join(wrong)


def test_nobody_meets_an_error_of_ours() -> None:
    assert not [cell for cell, words in MATRIX.items() if " 500:" in f" {words}"]
