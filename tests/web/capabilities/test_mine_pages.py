"""我的成果 of an institute with hundreds of listings comes in pages."""

from __future__ import annotations

from sqlalchemy import insert

from market.db import transaction
from market.domain import clock
from market.models import Capability
from tests.cast import Cast
from tests.page import Browser


def test_mine_is_paged(browser: Browser, cast: Cast) -> None:
    own = {"organisation_id": cast.tto.organisation_id, "state": "draft", "kind": "result", "region": "310107", "changed_at": clock.now()}
    with transaction() as session:
        session.execute(insert(Capability), [{**own, "title": f"成果第{number:03d}号"} for number in range(60)])
    browser.sign_in(cast.tto)
    first, second = browser.get("/capabilities/mine"), browser.get("/capabilities/mine?page=2")
    titles = [{f"成果第{n:03d}号" for n in range(60) if f"成果第{n:03d}号" in page.text} for page in (first, second)]
    assert len(titles[0]) == 50 and len(titles[1]) == 10 and not titles[0] & titles[1]
    assert browser.get("/capabilities/mine?page=99").text.count("成果第") == second.text.count("成果第")
