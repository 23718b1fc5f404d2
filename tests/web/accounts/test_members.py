"""Administrators manage their own people; the last one stays; a closed account is out at once."""

from __future__ import annotations

import pytest
from flask import Flask

from market.actions import members
from market.db import db, transaction
from market.domain.errors import Forbidden, IllegalStep
from market.models import HistoryEntry, User, UserRole
from market.queries import accounts
from tests.cast import Cast
from tests.factories import UserFactory
from tests.page import Browser
from tests.web.accounts.conftest import give_password
from tests.web.accounts.test_sign_in import come_in, is_in


def person(user_id: int) -> User:
    db.session.expire(db.session.get_one(User, user_id))
    found = accounts.get_user(user_id)
    assert found is not None
    return found


def roles_of(user_id: int) -> list[str]:
    return sorted(role.role for role in person(user_id).roles)


def test_an_administrator_changes_the_role_of_a_colleague(browser: Browser, cast: Cast) -> None:
    engineer = cast.engineer.id
    page = browser.sign_in(cast.seeker).see("accounts.members").submit("保存角色", roles=["org_admin", "org_member"])
    assert "角色已调整" in page.text and roles_of(engineer) == ["org_admin", "org_member"]
    entry = db.session.query(HistoryEntry).filter_by(subject_kind="user", subject_id=engineer).one()
    assert entry.detail == {"before": ["org_member"], "after": ["org_admin", "org_member"]}


@pytest.mark.parametrize("roles", [["clerk"], ["sysadmin", "org_member"], ["tto"], [], ["nonsense"]])
def test_powers_of_others_cannot_be_given(browser: Browser, cast: Cast, roles: list[str]) -> None:
    browser.sign_in(cast.seeker).send("accounts.set_member_roles", {"roles": roles}, user_id=cast.engineer.id)
    assert roles_of(cast.engineer.id) == ["org_member"]


def test_a_disabled_colleague_is_out_at_once_and_can_be_let_in_again(app: Flask, browser: Browser, cast: Cast) -> None:
    give_password(cast.engineer)
    email, engineer = cast.engineer.email, cast.engineer.id
    colleague = Browser(app)
    come_in(colleague, email)
    assert is_in(colleague)
    page = browser.sign_in(cast.seeker).see("accounts.members").submit("停用", reason="离职")
    assert "账户已停用" in page.text and not is_in(colleague)
    assert come_in(colleague, email).status == 422
    browser.see("accounts.members").submit("恢复")
    come_in(colleague, email)
    assert is_in(colleague)
    assert [e.step for e in db.session.query(HistoryEntry).filter_by(subject_kind="user", subject_id=engineer)] == ["disable", "enable"]


@pytest.mark.parametrize("endpoint", ["accounts.set_member_roles", "accounts.disable_member", "accounts.enable_member"])
def test_people_of_another_organisation_do_not_exist_here(browser: Browser, cast: Cast, endpoint: str) -> None:
    answer = browser.sign_in(cast.stranger).send(endpoint, {"roles": ["org_admin"]}, user_id=cast.engineer.id)
    assert answer.status == 404
    assert roles_of(cast.engineer.id) == ["org_member"] and person(cast.engineer.id).active


def test_a_member_without_the_role_manages_nobody(browser: Browser, cast: Cast) -> None:
    answer = browser.sign_in(cast.engineer).send("accounts.disable_member", user_id=cast.seeker.id)
    assert answer.status == 403 and person(cast.seeker.id).active


def test_nobody_changes_the_own_account(app: Flask, cast: Cast) -> None:
    admin = accounts.actor_of(person(cast.seeker.id))
    with pytest.raises(IllegalStep, match="自己"):
        members.set_roles(person(cast.seeker.id), ["org_member"], admin)
    with pytest.raises(IllegalStep, match="自己"):
        members.disable(person(cast.seeker.id), "", admin)


def test_the_last_administrator_stays(app: Flask, cast: Cast) -> None:
    second = UserFactory(name="副厂长", organisation=cast.enterprise, roles=["org_admin"])
    first, second_id = accounts.actor_of(person(cast.seeker.id)), second.id
    members.set_roles(person(second_id), ["org_member"], first)
    with transaction():
        db.session.add(UserRole(user_id=second_id, role="org_admin"))
    both = accounts.actor_of(person(second_id))
    members.disable(person(cast.seeker.id), "", both)
    # The first one's rights were read before: as when both press the button at the same moment.
    with pytest.raises(IllegalStep, match="最后一位管理员"):
        members.disable(person(second_id), "", first)
    with pytest.raises(IllegalStep, match="最后一位管理员"):
        members.set_roles(person(second_id), ["org_member"], first)
    assert person(second_id).active


def test_an_administrator_of_the_commission_cannot_touch_staff(app: Flask, cast: Cast) -> None:
    with transaction():
        db.session.add(UserRole(user_id=cast.leader.id, role="org_admin"))
    actor = accounts.actor_of(person(cast.leader.id))
    with pytest.raises(Forbidden):
        members.disable(person(cast.clerk.id), "", actor)


def test_inviting_the_same_colleague_twice_leaves_one_open_invitation(browser: Browser, cast: Cast) -> None:
    page = browser.sign_in(cast.seeker).see("accounts.members")
    page.submit("发出邀请", email="new@example.org", role="org_member")
    again = browser.see("accounts.members").submit("发出邀请", email="new@example.org", role="org_admin")
    assert len(again.find("form[action$=withdraw]")) == 1


def test_a_member_cannot_be_invited_again(browser: Browser, cast: Cast) -> None:
    page = browser.sign_in(cast.seeker).see("accounts.members").submit("发出邀请", email=cast.engineer.email, role="org_member")
    assert "已经是本单位成员" in page.find("#email-error")[0].text_content()
