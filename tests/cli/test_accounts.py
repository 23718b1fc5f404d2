"""The commands of accounts: no default password, links that open once, sample passwords in a file of their owner."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from flask import Flask

from market.actions import sample_accounts
from market.actions.sign_in import Visit, sign_in
from market.db import db, transaction
from market.domain import passwords
from market.domain.errors import Invalid
from market.models import Organisation, User
from market.queries import accounts
from tests.cast import Cast
from tests.factories import OrganisationFactory, UserFactory
from tests.page import Browser
from tests.web.accounts.conftest import SECRET, give_password


def run(app: Flask, *words: str, typed: str | None = None) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=list(words), input=typed)
    return result.exit_code, result.output


def test_the_first_administrator_gets_a_link_and_no_password(app: Flask, browser: Browser) -> None:
    code, said = run(app, "accounts", "create-admin", "--email", "root@example.org", "--name", "卫管理", "--organisation", "普陀区科委")
    assert code == 0
    user = accounts.user_by_email("root@example.org")
    assert user is not None and user.password_hash is None and [r.role for r in user.roles] == ["sysadmin"]
    assert db.session.query(Organisation).one().name == "普陀区科委"
    page = browser.get("/" + said.strip().split("/", 3)[3])
    page = page.submit("开通账户", phone="13900000001", password=SECRET, again=SECRET, terms="y", privacy="y")
    assert "科委账户必须开启" in page.submit("登录", email="root@example.org", password=SECRET).main


def test_a_password_can_be_typed_instead_and_is_never_shown(app: Flask) -> None:
    code, said = run(
        app, "accounts", "create-admin", "--email", "root@example.org", "--name", "卫管理", "--ask-password", typed=f"{SECRET}\n{SECRET}\n"
    )
    assert code == 0 and SECRET not in said
    assert sign_in("root@example.org", SECRET, Visit("10.0.0.1"))


def test_a_weak_password_makes_no_account(app: Flask) -> None:
    code, said = run(app, "accounts", "create-admin", "--email", "root@example.org", "--name", "卫管理", "--ask-password", typed="a\na\n")
    assert code == 1 and "至少 12 个字符" in said and db.session.query(User).count() == 0


def test_a_second_administrator_joins_the_same_commission(app: Flask, cast: Cast) -> None:
    assert run(app, "accounts", "create-admin", "--email", "two@example.org", "--name", "第二位")[0] == 0
    user = accounts.user_by_email("two@example.org")
    assert user is not None and user.organisation_id == cast.commission.id
    assert run(app, "accounts", "create-admin", "--email", cast.clerk.email, "--name", "重名者")[0] == 1


def test_the_sample_accounts_get_new_passwords_and_nobody_else_does(app: Flask, cast: Cast, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("key,email,demo,says\na,demo@example.org,yes,试用\nb,plain@example.org,,\nc,real@example.org,yes,真人\n", "utf-8")
    sample = OrganisationFactory(is_sample=True)
    demo = UserFactory(email="demo@example.org", organisation=sample, roles=["org_admin"], is_sample=True)
    UserFactory(email="plain@example.org", organisation=sample, is_sample=True)
    real = give_password(UserFactory(email="real@example.org"))
    before, demo_id = real.password_hash, demo.id
    (made,) = sample_accounts.renew(people)
    assert made.email == "demo@example.org" and made.roles == "单位管理员"
    assert sign_in("demo@example.org", made.password, Visit("10.0.0.1"))
    assert db.session.get_one(User, real.id).password_hash == before
    (again,) = sample_accounts.renew(people)
    assert again.password != made.password
    with pytest.raises(Invalid):
        sign_in("demo@example.org", made.password, Visit("10.0.0.1"))
    with transaction():
        db.session.get_one(User, demo_id).is_sample = False
    assert sample_accounts.renew(people) == []


def test_the_file_of_sample_accounts_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "sample-accounts.txt"
    path.write_text("old")
    path.chmod(0o644)
    one = sample_accounts.SampleAccount("a@example.org", "Xk4f-9mtp-2hqz-77aB", "某人", "某单位", "单位管理员", "")
    sample_accounts.write(path, [one], "http://127.0.0.1:8000")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "Xk4f-9mtp-2hqz-77aB" in path.read_text("utf-8") and "old" not in path.read_text("utf-8")


def test_generated_passwords_are_all_different_and_pass_the_rules() -> None:
    made = {sample_accounts.generate() for _ in range(200)}
    assert len(made) == 200
    for one in made:
        passwords.check(one)


def test_without_a_sample_market_there_is_nothing_to_reset(app: Flask) -> None:
    assert run(app, "accounts", "reset")[0] == 1


def test_the_list_names_the_staff(app: Flask, cast: Cast) -> None:
    said = run(app, "accounts", "list")[1]
    assert "钱经办" in said and "科委经办" in said and "王厂长" not in said


def test_the_table_of_permissions_is_printed_and_written(app: Flask, tmp_path: Path) -> None:
    assert "accounts:manage-members" in run(app, "permissions")[1]
    assert run(app, "permissions", "--write", str(tmp_path / "docs" / "permissions.md"))[0] == 0
    assert (tmp_path / "docs" / "permissions.md").read_text("utf-8").startswith("# 谁能看什么")
