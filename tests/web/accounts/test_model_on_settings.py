"""设置 says which model answers, and how far another one is that comes."""

from __future__ import annotations

from market.db import transaction
from market.domain import clock
from market.models import Setting
from market.queries.reembedding import PROGRESS
from tests.cast import Cast
from tests.page import Browser


def test_the_progress_of_another_model_is_shown(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.sysadmin)
    page = browser.get("/settings")
    assert "现在用的是“随程序提供的模型”" in page.text and "正在换成" not in page.text
    with transaction() as session:
        session.add(Setting(name=PROGRESS, value={"model": "/models/bge-m3", "done": 40, "of": 605}, changed_at=clock.now()))
    page = browser.get("/settings")
    assert "正在换成“bge-m3”：605 条里已算好 40 条" in page.text and "/models/" not in page.text
