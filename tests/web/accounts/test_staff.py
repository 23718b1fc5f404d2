"""The commission's own people: invited, given roles, stood in for; nobody changes the own account."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from market.actions import outbox, staff, worker
from market.db import db, transaction
from market.domain import clock
from market.domain.errors import Forbidden, IllegalStep, Invalid
from market.domain.permissions import Actor, Role
from market.models import StandIn, User, UserSession, WorkerBeat
from market.queries import accounts
from tests.cast import Cast
from tests.conftest import NOON
from tests.factories import UserFactory
from tests.page import Browser
from tests.web.accounts.conftest import SECRET, mailed_path
from tests.web.accounts.test_members import person, roles_of

DAY = timedelta(days=1)


def acting(user: User) -> Actor:
    return accounts.actor_of(person(user.id))


def test_a_new_account_of_the_commission_is_opened_by_its_person(browser: Browser, cast: Cast) -> None:
    page = browser.sign_in(cast.sysadmin).see("accounts.staff")
    page.submit("新建并发邀请", person_name="新经办", email="staff@example.org", roles=["clerk", "adviser"])
    page = browser.sign_out().get(mailed_path("staff@example.org"))
    assert "科委经办" in page.main and "服务专员" in page.main and "普陀区科学技术委员会" in page.main
    page = page.submit("开通账户", person_name="新经办", phone="13900000005", password=SECRET, again=SECRET, terms="y", privacy="y")
    page = page.submit("登录", email="staff@example.org", password=SECRET)
    assert "科委账户必须开启" in page.main
    user = accounts.user_by_email("staff@example.org")
    assert user is not None and roles_of(user.id) == ["adviser", "clerk"]


@pytest.mark.parametrize("roles", [["auditor", "clerk"], ["sysadmin", "leader"], ["org_admin"], [], ["nonsense"]])
def test_who_checks_or_configures_does_nothing_else(app: Flask, cast: Cast, roles: list[str]) -> None:
    with pytest.raises(Invalid):
        staff.invite("新人", "staff@example.org", roles, acting(cast.sysadmin))
    with pytest.raises(Invalid):
        staff.set_roles(person(cast.clerk.id), roles, acting(cast.sysadmin))
    assert roles_of(cast.clerk.id) == ["clerk"]


@pytest.mark.parametrize("part", ["clerk", "reviewer", "leader", "auditor", "seeker"])
def test_only_the_system_administrator_manages_staff(app: Flask, cast: Cast, part: str) -> None:
    actor = acting(getattr(cast, part))
    with pytest.raises(Forbidden):
        staff.invite("新人", "staff@example.org", ["clerk"], actor)
    with pytest.raises(Forbidden):
        staff.set_roles(person(cast.liaison.id), ["leader"], actor)
    with pytest.raises(Forbidden):
        staff.disable(person(cast.liaison.id), "x", actor)
    with pytest.raises(Forbidden):
        staff.add_stand_in(cast.leader.id, cast.clerk.id, clock.today(), clock.today(), actor)


def test_roles_are_changed_at_once_in_a_running_session(app: Flask, browser: Browser, cast: Cast) -> None:
    running = Browser(app).sign_in(cast.liaison)
    assert running.get("/organisations/to-verify").status == 403
    user_id = cast.liaison.id
    browser.sign_in(cast.sysadmin).send("accounts.set_staff_roles", {"roles": ["liaison", "clerk"]}, user_id=user_id)
    assert roles_of(user_id) == ["clerk", "liaison"]
    assert running.get("/organisations/to-verify").status == 200


def test_nobody_changes_the_own_account(browser: Browser, cast: Cast) -> None:
    user_id = cast.sysadmin.id
    browser.sign_in(cast.sysadmin)
    for endpoint, data in (("accounts.set_staff_roles", {"roles": ["clerk"]}), ("accounts.disable_staff", {"reason": "x"})):
        assert "不能改自己的角色" in browser.send(endpoint, data, user_id=user_id).text
    assert roles_of(user_id) == ["sysadmin"] and person(user_id).active


def test_the_last_system_administrator_stays(app: Flask, cast: Cast) -> None:
    second = UserFactory(name="第二位", organisation=cast.commission, roles=["sysadmin"])
    first, other, second_id = acting(cast.sysadmin), acting(second), second.id
    staff.disable(person(cast.sysadmin.id), "休假", other)
    # The first one's rights were read before: as when both press the button at the same moment.
    with pytest.raises(IllegalStep, match="最后一位"):
        staff.disable(person(second_id), "离职", first)
    with pytest.raises(IllegalStep, match="最后一位"):
        staff.set_roles(person(second_id), ["clerk"], first)


def test_disabling_needs_a_reason_and_ends_the_sessions(app: Flask, browser: Browser, cast: Cast) -> None:
    running = Browser(app).sign_in(cast.clerk)
    with pytest.raises(IllegalStep, match="理由"):
        staff.disable(person(cast.clerk.id), " ", acting(cast.sysadmin))
    staff.disable(person(cast.clerk.id), "离职", acting(cast.sysadmin))
    assert running.get("/account", follow=False).status == 302
    assert all(row.ended_at for row in db.session.query(UserSession).filter_by(user_id=cast.clerk.id))


def test_members_of_organisations_are_not_staff(app: Flask, cast: Cast) -> None:
    with pytest.raises(Forbidden):
        staff.set_roles(person(cast.engineer.id), ["leader"], acting(cast.sysadmin))
    assert roles_of(cast.engineer.id) == ["org_member"]


def test_a_stand_in_holds_the_roles_on_the_days_and_not_before_or_after(app: Flask, cast: Cast) -> None:
    first, last = clock.today() + DAY, clock.today() + 3 * DAY
    staff.add_stand_in(cast.leader.id, cast.clerk.id, first, last, acting(cast.sysadmin))
    held = []
    for days in range(5):
        clock.fix(NOON + days * DAY)
        held.append(Role.LEADER in acting(cast.clerk).roles)
    assert held == [False, True, True, True, False]
    clock.fix(NOON + DAY)
    assert Role.CLERK not in acting(cast.leader).roles  # one way only


def test_the_days_are_those_of_shanghai(app: Flask, cast: Cast) -> None:
    staff.add_stand_in(cast.leader.id, cast.clerk.id, clock.today(), clock.today(), acting(cast.sysadmin))
    clock.fix(NOON + timedelta(hours=11, minutes=59))
    assert Role.LEADER in acting(cast.clerk).roles
    clock.fix(NOON + timedelta(hours=12))
    assert Role.LEADER not in acting(cast.clerk).roles


def test_a_stand_in_who_is_no_staff_any_more_holds_nothing(app: Flask, cast: Cast) -> None:
    staff.add_stand_in(cast.leader.id, cast.clerk.id, clock.today(), clock.today(), acting(cast.sysadmin))
    with transaction():
        for role in person(cast.clerk.id).roles:
            role.role = "org_member"
    assert Role.LEADER not in acting(cast.clerk).roles


REFUSED = [
    ("leader", "leader", 0, 0),  # oneself
    ("leader", "clerk", 2, 1),  # ends before it begins
    ("leader", "clerk", -3, -1),  # over already
    ("leader", "seeker", 0, 1),  # no staff
    ("leader", "auditor", 0, 1),  # who checks does nothing else
]


@pytest.mark.parametrize(("absent", "other", "first", "last"), REFUSED)
def test_a_wrong_arrangement_is_refused(app: Flask, cast: Cast, absent: str, other: str, first: int, last: int) -> None:
    today = clock.today()
    with pytest.raises(Invalid):
        staff.add_stand_in(
            getattr(cast, absent).id, getattr(cast, other).id, today + first * DAY, today + last * DAY, acting(cast.sysadmin)
        )


def test_the_administrator_arranges_nothing_for_oneself(app: Flask, cast: Cast) -> None:
    with pytest.raises(Forbidden):
        staff.add_stand_in(cast.leader.id, cast.sysadmin.id, clock.today(), clock.today(), acting(cast.sysadmin))


def test_an_arrangement_is_made_and_ended_on_the_page(browser: Browser, cast: Cast) -> None:
    page = browser.sign_in(cast.sysadmin).see("accounts.staff")
    today = clock.today().isoformat()
    page = page.submit("设置代办", absent_id=cast.leader.id, stand_in_id=cast.clerk.id, first_day=today, last_day=today)
    assert "代办已设置" in page.text and db.session.query(StandIn).count() == 1
    page.submit("结束")
    assert db.session.query(StandIn).count() == 0
    assert Role.LEADER not in acting(cast.clerk).roles


@pytest.mark.parametrize(("part", "endpoint"), [("sysadmin", "accounts.staff"), ("clerk", "accounts.outbox")])
@pytest.mark.parametrize(("seconds", "down"), [(None, True), (180, True), (10, False)])
def test_the_pages_of_the_staff_say_when_the_worker_is_down(
    browser: Browser, cast: Cast, part: str, endpoint: str, seconds: int | None, down: bool
) -> None:
    if seconds is not None:
        with transaction() as session:
            session.add(WorkerBeat(name="worker", at=datetime.now(UTC) - timedelta(seconds=seconds)))
    assert ("后台进程没有在运行" in browser.sign_in(getattr(cast, part)).see(endpoint).main) is down


def test_the_beat_of_a_working_worker_is_what_the_page_reads(app: Flask, browser: Browser, cast: Cast) -> None:
    sysadmin = cast.sysadmin.id
    worker.Worker(outbox.MailServer("", "market@example.org", "https://market.example.org"), {}, print).tick()
    assert "后台进程没有在运行" not in browser.sign_in(db.session.get_one(User, sysadmin)).see("accounts.staff").main
