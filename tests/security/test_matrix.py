"""Every route × method × person × state against the one declared table (tests/security/declared.py).

The walk renders the real pages and reaches the real database; every commit is rolled back. It is made on both databases,
because a page that only one of them can show would be a hole too.
"""

from __future__ import annotations

import pytest
from flask import Flask

from tests.cast import Cast
from tests.conftest import Place
from tests.security import declared
from tests.security import world as worlds
from tests.security.walk import UNKNOWN, walked

pytestmark = [pytest.mark.timeout(900), pytest.mark.on_one("sqlite")]  # the first test makes the walk


def test_every_route_is_declared_and_every_declared_one_exists(app: Flask) -> None:
    there = {f"{rule.endpoint} {method}" for rule in worlds.rules(app) for method in worlds.methods(rule)}
    assert not sorted(there - set(declared.rows())), "declare these in tests/security/declared.py, by what each role is for"
    assert not sorted(set(declared.rows()) - there), "declared, but there is no such route"


def test_everybody_is_let_in_where_declared_and_nowhere_else(app: Flask, cast: Cast, place: Place) -> None:
    found, table, wrong = walked(app, cast, place.kind), declared.rows(), []
    for (cell, state), answers in found.answers.items():
        if state == UNKNOWN or cell not in table:
            continue
        let_in, wanted = {part for part, said in answers.items() if said == "yes"}, declared.people(table[cell], state) & set(answers)
        if let_in != wanted:
            wrong.append(f"{cell} {state}: too many {sorted(let_in - wanted)}, too few {sorted(wanted - let_in)}")
    assert found.requests > 2_500
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong)


def test_who_may_not_know_of_a_subject_is_answered_as_if_it_were_not_there(app: Flask, cast: Cast, place: Place) -> None:
    found, wrong = walked(app, cast, place.kind), []
    for (cell, state), answers in found.answers.items():
        kind = found.kinds[cell]
        if state == UNKNOWN or not kind:
            continue
        known, absent = declared.people(declared.KNOWS[kind], state), found.answers[cell, UNKNOWN]
        wrong += [
            f"{cell} {state} {part}: {said}, absent {absent[part]}"
            for part, said in answers.items()
            if part not in known and said != absent[part]
        ]
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong)


def test_what_is_not_there_lets_nobody_in(app: Flask, cast: Cast, place: Place) -> None:
    found = walked(app, cast, place.kind)
    absent = {cell: answers for (cell, state), answers in found.answers.items() if state == UNKNOWN}
    wrong = [
        f"{cell}: {[part for part, said in answers.items() if said == 'yes']}"
        for cell, answers in absent.items()
        if "yes" in answers.values()
    ]
    assert not wrong, "\n".join(wrong)


def test_nobody_meets_an_error_of_ours(app: Flask, cast: Cast, place: Place) -> None:
    assert not walked(app, cast, place.kind).broken


def test_no_page_tells_a_secret_to_who_may_not_know_it(app: Flask, cast: Cast, place: Place) -> None:
    told = walked(app, cast, place.kind).told
    assert not told, f"{len(told)}\n" + "\n".join(told[:80])
