"""What two do at the same moment: one limit for all workers, one use of a link, one use of a code."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pyotp
from flask import Flask

from market.actions import limits, members, passwords, second_factor, sign_in
from market.actions.sign_in import Visit
from market.db import db
from market.domain import clock
from market.domain.errors import MarketError
from market.queries import accounts
from tests.cast import Cast
from tests.conftest import NOON
from tests.factories import UserFactory
from tests.web.accounts.conftest import OTHER, give_password, mailed_path
from tests.web.accounts.test_second_factor import KEY, code_now, open_session

THREADS = 8


def together(app: Flask, work: Callable[[int], object], threads: int = THREADS) -> list[bool]:
    """Run `work(n)` in threads that start at one moment; returns which of them were not refused by a rule."""
    barrier, done = threading.Barrier(threads), [False] * threads
    broken: list[BaseException] = []

    def run(n: int) -> None:
        clock.fix(NOON)
        with app.app_context():
            barrier.wait()
            try:
                work(n)
                done[n] = True
            except MarketError:
                pass
            except BaseException as error:
                broken.append(error)
            finally:
                db.session.remove()

    crowd = [threading.Thread(target=run, args=(n,)) for n in range(threads)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert not broken, broken
    return done


def test_a_limit_lets_exactly_its_number_through(app: Flask) -> None:
    hour = timedelta(hours=1)
    assert sum(together(app, lambda _n: limits.hit("ask", "a", 5, hour))) == 5


def test_a_reset_link_is_used_by_one(app: Flask, cast: Cast) -> None:
    give_password(cast.seeker)
    email = cast.seeker.email
    sign_in.ask_reset(email, Visit("10.0.0.1"))
    raw, hashed = mailed_path(email).rsplit("/", 1)[1], passwords.make(OTHER)
    db.session.remove()
    assert sum(together(app, lambda _n: sign_in.reset(raw, hashed))) == 1


def test_a_code_of_the_second_factor_is_used_by_one(app: Flask, cast: Cast) -> None:
    user_id = cast.clerk.id
    second_factor.begin(user_id, KEY)
    person = accounts.get_user(user_id)
    assert person is not None
    secret = second_factor.waiting_secret(person, KEY)
    assert secret is not None
    second_factor.confirm(user_id, code_now(secret, -1), KEY, accounts.actor_of(person))
    sessions = [open_session(user_id) for _ in range(4)]
    code = pyotp.TOTP(secret).at(datetime.now(UTC))
    db.session.remove()
    used = together(app, lambda n: second_factor.pass_with(user_id, sessions[n], code, KEY, Visit("10.0.0.1")), 4)
    assert sum(used) == 1


def test_of_two_administrators_who_send_each_other_away_one_stays(app: Flask, cast: Cast) -> None:
    second = UserFactory(name="副厂长", organisation=cast.enterprise, roles=["org_admin"])
    ids = [cast.seeker.id, second.id]
    actors = [accounts.actor_of(user) for user in (accounts.get_user(n) for n in ids) if user is not None]
    db.session.remove()

    def send_away(n: int) -> None:
        other = accounts.get_user(ids[1 - n])
        assert other is not None
        members.disable(other, "", actors[n])

    assert sum(together(app, send_away, 2)) == 1
