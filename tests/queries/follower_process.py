"""A process of the market with an engine of its own: `python -m tests.queries.follower_process INSTANCE URL MODEL`.

Each line of its input is a question; it answers with the ids of the capabilities that its engine finds, as JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from config import Config
from market import db as database
from market.app import create_app
from market.db import db
from market.matching import question
from market.queries import engine as engines


def main() -> None:
    """Answer until the input ends."""
    instance, url, model = sys.argv[1:4]
    app = create_app(Config(instance=Path(instance), database_url=url, secret_key="t" * 40, encoder=model, testing=True))
    with app.app_context():
        database.use_read_only(True)
        print(json.dumps("ready"), flush=True)
        for line in sys.stdin:
            hits = engines.engine().rank(question(line.strip()), k=50)
            db.session.remove()
            print(json.dumps([hit.id for hit in hits]), flush=True)


if __name__ == "__main__":
    main()
