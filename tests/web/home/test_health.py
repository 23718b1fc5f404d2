"""/healthz and /readyz."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from market.db import transaction
from market.models import WorkerBeat
from market.queries import health
from tests.page import Browser
from tests.statements import counted


def test_the_process_answers_without_asking_the_database(browser: Browser) -> None:
    with counted() as statements:
        response = browser.client.get("/healthz")
    assert response.json == {"status": "ok"}
    assert statements == []


def test_ready_tells_the_details_on_this_machine_only(browser: Browser) -> None:
    with transaction() as session:
        session.add(WorkerBeat(name="worker", at=datetime.now(UTC) - timedelta(hours=1)))
    here = browser.client.get("/readyz").json
    assert here["status"] == "ok"
    assert here["worker_late"] is True
    assert here["worker_age_seconds"] >= 3600
    for elsewhere in ({"environ_base": {"REMOTE_ADDR": "203.0.113.9"}}, {"headers": {"X-Forwarded-For": "203.0.113.9"}}):
        assert browser.client.get("/readyz", **elsewhere).json == {"status": "ok", "migrated": True}


def test_a_database_behind_the_code_is_not_ready(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "head", lambda: "9999")
    response = browser.client.get("/readyz")
    assert response.status_code == 503
    assert response.json["migrated"] is False


def test_a_database_that_cannot_be_written_is_not_ready(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OSError("disk full")

    monkeypatch.setattr("market.actions.health.probe", refuse)
    response = browser.client.get("/readyz")
    assert response.status_code == 503
    assert "disk" not in response.get_data(as_text=True)
