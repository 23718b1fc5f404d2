"""A second process of the market, for tests: `python -m tests.security.process INSTANCE URL` does what it is told, line by line.

Each line of its input is JSON: {"do": task, …}; each line it answers is JSON: {"said": outcome}. Tasks go through the same
actions that a worker of gunicorn runs.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from config import Config
from market import db as database
from market.actions import bids, capabilities, contracts, history, idempotency, selection
from market.app import create_app
from market.db import db, transaction
from market.domain import clock
from market.domain.errors import MarketError
from market.domain.permissions import SYSTEM
from market.models import Challenge, Organisation, User
from market.queries import capabilities as capability_queries
from market.queries import contracts as contract_queries
from tests import bidding
from tests.conftest import NOON


def bid(challenge_id: int, user_id: int) -> str:
    """Write a bid of the person's organisation."""
    call = bidding.fresh_call(db.session.get_one(Challenge, challenge_id))
    return str(bids.create(call, bidding.values(call), _actor(user_id)).id)


def choose(bid_id: int, user_id: int) -> str:
    """Choose this bid."""
    selection.choose(bidding.fresh(bid_id), _actor(user_id), "它最好")
    return "chosen"


def edit(capability_id: int, user_id: int, version: int) -> str:
    """Change the draft that was opened at `version`."""
    who, draft = _actor(user_id), capability_queries.get(capability_id)
    assert draft is not None
    capabilities.edit(draft, {"title": f"改自 {user_id}"}, who, version)
    return "edited"


def register(contract_id: int, user_id: int, number: str) -> str:
    """Register this contract under this number."""
    contract = contract_queries.get(contract_id)
    assert contract is not None
    values = {"registration_number": number, "registered_on": clock.today(), "registry_office": "技术市场"}
    contracts.take_step(contract, "register", _actor(user_id), values)
    return "registered"


def submit_once(challenge_id: int, user_id: int, key: str) -> str:
    """Send one and the same form: a new bid under an idempotency key."""
    return idempotency.run(f"user:{user_id}", "bids.create", key, "the same form", lambda: bid(challenge_id, user_id))


def write(count: int, organisation_id: int) -> str:
    """Write `count` challenges with their history, each in its transaction; each is said aloud once it is kept."""
    for _n in range(count):
        say(_write(organisation_id))
    return "done"


def hang(organisation_id: int) -> str:
    """Write half of what belongs together, and stay there."""
    with transaction():
        say(_write(organisation_id))
        time.sleep(60)
    return "never"


def _write(organisation_id: int) -> int:
    with transaction() as session:
        row = Challenge(
            organisation=session.get_one(Organisation, organisation_id), title="写到一半", pain="写到一半", region="310107", indicators=[]
        )
        session.add(row)
        session.flush()
        history.record("challenge", row.id, "create", SYSTEM, to_state="draft")
        history.record("organisation", organisation_id, "edit", SYSTEM, detail={"challenge": row.id})
        return int(row.id)


def _actor(user_id: int) -> Any:
    return bidding.actor(db.session.get_one(User, user_id))


TASKS: dict[str, Callable[..., str]] = {one.__name__: one for one in (bid, choose, edit, register, submit_once, write, hang)}


def say(outcome: object) -> None:
    """Answer one line."""
    sys.stdout.write(json.dumps({"said": outcome}) + "\n")
    sys.stdout.flush()


def main(instance: str, url: str) -> None:
    """Serve tasks until the input ends."""
    app = create_app(Config(instance=Path(instance), database_url=url, secret_key="t" * 40, testing=True))
    with app.app_context():
        say("ready")
        for line in sys.stdin:
            asked = json.loads(line)
            clock.fix(NOON)
            database.use_read_only(False)
            task = TASKS[asked.pop("do")]
            try:
                say(
                    task(**asked) if task in {write, hang, submit_once} else idempotency.run("test", "test", "", "", partial(task, **asked))
                )
            except MarketError as refused:
                say(f"refused: {type(refused).__name__}")
            except Exception as error:  # the test says what it saw
                say(f"broken: {type(error).__name__}: {error}")
            finally:
                db.session.remove()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "")
