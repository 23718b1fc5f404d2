"""How gunicorn runs the market: threads, time-outs, and an engine that is warmed up after the fork, never before.

The master imports the heavy libraries, so that its workers share their memory and start without them; it encodes,
searches and builds nothing, since a worker forked after that hangs (tests/cli/test_fork.py forks and ranks).
"""

from __future__ import annotations

import gc
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


def on_starting(_server: Any) -> None:
    """Import once for all workers, and leave these objects out of the garbage collector's rounds, which would copy them."""
    from market.matching import import_libraries

    import_libraries()
    gc.freeze()


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
