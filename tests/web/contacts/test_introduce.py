"""引荐: both sides are found by searching on the page itself, without JavaScript, and nothing typed is lost."""

from __future__ import annotations

import pytest
from flask import Flask

from market.actions import search
from market.db import db
from market.models import Capability, Challenge, Contact
from tests.cast import Cast
from tests.factories import CapabilityFactory, ChallengeFactory
from tests.page import Browser


@pytest.fixture
def listings(app: Flask, cast: Cast) -> tuple[Challenge, Capability]:
    """An anonymous challenge and a capability, both in the index."""
    challenge = ChallengeFactory(organisation=cast.enterprise, published=True, title="镀镍废水镍离子超标", anonymous=True)
    capability = CapabilityFactory(organisation=cast.institute, published=True, title="络合态重金属电催化破络")
    for one in (challenge, capability):
        search.refresh(one)
    db.session.commit()
    return challenge, capability


def test_a_broker_finds_both_sides_and_introduces_them(browser: Browser, cast: Cast, listings: tuple[Challenge, Capability]) -> None:
    challenge, capability = listings
    page = browser.sign_in(cast.broker).see("contacts.introduce")
    page = page.submit("搜索需求", find_challenge="镀镍废水", message="正好对口")
    assert "镀镍废水镍离子超标" in page.main and "申城电池厂" not in page.body, "an anonymous poster stays so"
    assert page.find("textarea#message")[0].text_content().strip() == "正好对口"
    assert not page.find(".error-summary")
    page = page.submit("搜索成果", challenge=str(challenge.id), find_capability="江南研究院")
    assert page.find(f"input[name=challenge][value='{challenge.id}'][checked]"), "the choice of the other side is kept"
    page = page.submit("引荐", capability=str(capability.id))
    contact = db.session.query(Contact).one()
    assert (contact.challenge_id, contact.capability_id, contact.message) == (challenge.id, capability.id, "正好对口")


def test_what_cannot_be_contacted_is_not_found(browser: Browser, cast: Cast, listings: tuple[Challenge, Capability]) -> None:
    challenge, capability = listings
    challenge.state, capability.state = "withdrawn", "withdrawn"
    db.session.commit()
    page = browser.sign_in(cast.liaison).see("contacts.introduce").submit("搜索需求", find_challenge="镀镍", find_capability="破络")
    assert page.main.count("没有找到合适的") == 2
    page = page.submit("引荐", message="好", challenge=str(challenge.id), capability=str(capability.id))
    assert page.status == 200 and db.session.query(Contact).count() == 0


def test_the_hidden_name_finds_nothing(browser: Browser, cast: Cast, listings: tuple[Challenge, Capability]) -> None:
    page = browser.sign_in(cast.broker).see("contacts.introduce").submit("搜索需求", find_challenge="申城电池厂")
    assert "镀镍废水" not in page.main and "没有找到合适的需求" in page.main


@pytest.mark.parametrize("missing", ["challenge", "capability"])
def test_without_a_choice_the_form_says_which_is_missing(
    browser: Browser, cast: Cast, listings: tuple[Challenge, Capability], missing: str
) -> None:
    chosen = {"challenge": str(listings[0].id), "capability": str(listings[1].id), missing: ""}
    page = browser.sign_in(cast.clerk).send("contacts.introduce", {"message": "对口", **chosen})
    assert page.find(f"#find_{missing}-error") and db.session.query(Contact).count() == 0


def test_an_address_or_number_in_the_box_chooses_at_once(browser: Browser, cast: Cast, listings: tuple[Challenge, Capability]) -> None:
    challenge, capability = listings
    page = browser.sign_in(cast.broker).see("contacts.introduce")
    page.submit(
        "引荐",
        find_challenge=f"http://localhost/challenges/{challenge.id}",
        find_capability=f"/capabilities/{capability.id}",
        message="对口",
    )
    assert db.session.query(Contact).one().challenge_id == challenge.id
