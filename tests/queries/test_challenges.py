"""How a poster is called, and to whom."""

from __future__ import annotations

from market.db import db
from market.domain.permissions import PUBLIC, Actor
from market.models import Challenge
from market.queries import accounts, challenges
from tests.cast import Cast
from tests.factories import ChallengeFactory, ContactFactory


def _anonymous(cast: Cast) -> Challenge:
    challenge: Challenge = ChallengeFactory(organisation=cast.enterprise, author_id=cast.engineer.id, anonymous=True, published=True)
    found = challenges.get(challenge.id)
    assert found is not None
    return found


def _actor(user_id: int) -> Actor:
    user = accounts.get_user(user_id)
    assert user is not None
    return accounts.actor_of(user)


def test_an_anonymous_poster_is_a_city_and_a_track_to_everybody_who_has_not_met_it(cast: Cast) -> None:
    challenge = _anonymous(cast)
    hidden = "上海市某新能源企业"
    assert challenges.poster(challenge, PUBLIC) == hidden
    for user in (cast.stranger, cast.rival, cast.tto, cast.bureau, cast.broker, cast.sysadmin):
        assert challenges.poster(challenge, _actor(user.id)) == hidden, user.name


def test_its_own_people_and_the_commission_read_the_name(cast: Cast) -> None:
    challenge = _anonymous(cast)
    for user in (cast.seeker, cast.engineer, cast.clerk, cast.reviewer, cast.leader, cast.auditor):
        assert challenges.poster(challenge, _actor(user.id)) == "申城电池厂", user.name


def test_an_accepted_contact_tells_the_other_side_the_name_and_a_mere_question_does_not(cast: Cast) -> None:
    challenge = _anonymous(cast)
    asked = ContactFactory(seeker=cast.enterprise, provider=cast.institute, challenge_id=challenge.id, asked_by_seeker=False)
    assert challenges.poster(challenge, _actor(cast.tto.id)) != "申城电池厂"
    asked.state, asked.answered_at = "declined", challenge.published_at
    db.session.commit()
    assert challenges.poster(challenges.get(challenge.id) or challenge, _actor(cast.tto.id)) != "申城电池厂"
    asked.state = "accepted"
    db.session.commit()
    assert challenges.poster(challenges.get(challenge.id) or challenge, _actor(cast.tto.id)) == "申城电池厂"
    assert challenges.side_of(challenge, _actor(cast.tto.id)) == "party"
    assert challenges.side_of(challenge, _actor(cast.rival.id)) == "member"


def test_who_is_not_anonymous_is_named_to_everybody(cast: Cast) -> None:
    challenge = ChallengeFactory(organisation=cast.enterprise, published=True)
    assert challenges.poster(challenges.get(challenge.id) or challenge, PUBLIC) == "申城电池厂"
