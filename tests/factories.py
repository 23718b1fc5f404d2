"""One factory a model, states as traits; rows are written through columns, never through views."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import factory
from factory.alchemy import SQLAlchemyModelFactory
from stdnum.cn import uscc

from market import models
from market.db import db
from market.domain import clock


def credit_code(n: int) -> str:
    """Return the n-th valid 统一社会信用代码 of the tests."""
    base = f"91310107{n:09d}"
    return base + uscc.calc_check_digit(base)


class Base(SQLAlchemyModelFactory):
    """Commits what it makes, as a request would."""

    class Meta:
        abstract = True
        sqlalchemy_session_factory = lambda: db.session  # noqa: E731
        sqlalchemy_session_persistence = "commit"


class OrganisationFactory(Base):
    class Meta:
        model = models.Organisation

    kind = "enterprise"
    name = factory.Sequence(lambda n: f"测试企业{n}")
    credit_code = factory.Sequence(credit_code)
    region = "310107"
    state = "verified"
    verified_at = factory.LazyFunction(clock.now)
    track = "新能源"
    field = "06"


class UserFactory(Base):
    class Meta:
        model = models.User

    name = factory.Sequence(lambda n: f"人员{n}")
    email = factory.Sequence(lambda n: f"person{n}@example.org")
    email_confirmed_at = factory.LazyFunction(clock.now)
    organisation = factory.SubFactory(OrganisationFactory)

    @factory.post_generation
    def roles(obj: models.User, create: bool, extracted: Any, **_: Any) -> None:
        """roles=["org_admin"] gives the person these roles."""
        for role in extracted or []:
            db.session.add(models.UserRole(user_id=obj.id, role=role))
        for document in ("terms", "privacy"):
            consent = models.Consent(user_id=obj.id, document=document, document_version="2026-11", text_hash="0" * 64, at=clock.now())
            db.session.add(consent)
        db.session.commit()


class ChallengeFactory(Base):
    class Meta:
        model = models.Challenge

    organisation = factory.SubFactory(OrganisationFactory)
    title = factory.Sequence(lambda n: f"电池包冬天续航掉得厉害 {n}")
    pain = "零下二十度放电只剩六成，客户冬天投诉集中。"
    field = "06"
    track = "新能源"
    region = "310107"
    no_secrets = True
    contact_name = "王工"
    contact_phone = "13900000001"
    anonymous = False

    class Params:
        published = factory.Trait(state="published", published_at=factory.LazyFunction(clock.now))
        open_call = factory.Trait(
            state="published",
            published_at=factory.LazyFunction(clock.now),
            procedure="open_call",
            closes_at=factory.LazyFunction(lambda: clock.now() + timedelta(days=20)),
        )


class IndicatorFactory(Base):
    class Meta:
        model = models.Indicator

    challenge = factory.SubFactory(ChallengeFactory)
    position = factory.Sequence(int)
    name = "-20℃ 放电容量保持率"
    present = "60"
    target = "≥85"
    unit = "%"
    method = "1C 放电"


class CapabilityFactory(Base):
    class Meta:
        model = models.Capability

    organisation = factory.SubFactory(OrganisationFactory, kind="institute", name=factory.Sequence(lambda n: f"测试研究院{n}"))
    title = factory.Sequence(lambda n: f"弱溶剂化低温电解液 {n}")
    summary = "以弱溶剂化电解液调控低温界面阻抗，-30℃ 容量保持率 82%。"
    field = "06"
    track = "新能源"
    region = "310107"
    stage = "pilot"
    disclosable = True
    contact_name = "李老师"
    contact_phone = "13900000002"
    confirmed_on = factory.LazyFunction(clock.today)

    class Params:
        published = factory.Trait(state="published", published_at=factory.LazyFunction(clock.now))


class ContactFactory(Base):
    class Meta:
        model = models.Contact

    seeker = factory.SubFactory(OrganisationFactory)
    provider = factory.SubFactory(OrganisationFactory, kind="institute")
    capability = factory.SubFactory(
        CapabilityFactory, organisation=factory.SelfAttribute("..provider"), state="published", published_at=factory.LazyFunction(clock.now)
    )
    asked_by_seeker = True
    message = "想了解低温电解液能否用在我们的电池包上。"

    class Params:
        accepted = factory.Trait(state="accepted", answered_at=factory.LazyFunction(clock.now))


class ContractFactory(Base):
    class Meta:
        model = models.Contract

    title = factory.Sequence(lambda n: f"低温电解液开发 {n}")
    type = "KF"
    subtype = "entrusted"
    amount_fen = 100_000_000
    technical_amount_fen = 80_000_000
    field = "06"
    seller = factory.SubFactory(OrganisationFactory, kind="institute")
    seller_name = factory.SelfAttribute("seller.name")
    seller_region = factory.SelfAttribute("seller.region")
    buyer = factory.SubFactory(OrganisationFactory)
    buyer_name = factory.SelfAttribute("buyer.name")
    buyer_region = factory.SelfAttribute("buyer.region")

    class Params:
        signed = factory.Trait(state="signed", signed_on=factory.LazyFunction(clock.today))
        registered = factory.Trait(
            state="registered",
            signed_on=factory.LazyFunction(clock.today),
            registered_on=factory.LazyFunction(clock.today),
            registration_number=factory.Sequence(lambda n: f"2026310107{n:06d}"),
        )
