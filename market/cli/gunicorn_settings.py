"""How gunicorn runs the market: threads, time-outs, and an engine that is warmed up after the fork, never before."""

from __future__ import annotations

import logging
import threading
from typing import Any

worker_class = "gthread"
threads = 8
timeout = 60
graceful_timeout = 30
max_requests = 20_000
max_requests_jitter = 2_000
preload_app = False


def post_worker_init(worker: Any) -> None:
    """Load the model and the index in the background, so that the first visitor does not wait for them."""
    threading.Thread(target=_warm, args=(worker.app.callable,), daemon=True, name="warm-engine").start()


def _warm(app: Any) -> None:
    from market import db
    from market.queries.engine import engine

    try:
        flask_app = getattr(app, "app", app)
        with flask_app.app_context():
            db.use_read_only(True)
            engine()
    except Exception:
        logging.getLogger("market").exception("the engine could not be warmed up; the first question will load it")
