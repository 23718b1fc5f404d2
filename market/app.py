"""create_app: the only place where everything meets. It wires and decides nothing."""

from __future__ import annotations

import json
import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pysqlite3.dbapi2 as sqlite_driver
from flask import Flask, g, render_template, request
from flask_login import current_user
from flask_migrate import Migrate
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

import market.cli
import market.models
import market.web.capabilities.browse
import market.web.challenges.browse
from config import ROOT, Config
from market import db as database
from market.actions import accounts as account_actions
from market.db import db
from market.domain import clock, errors
from market.domain.permissions import may
from market.matching import EngineSettings, Weights
from market.queries import engine, notices, pgvector, settings
from market.web import access, addresses, extensions, formatters
from market.web.accounts.views import bp as accounts
from market.web.attribution.views import bp as attribution
from market.web.bids.views import bp as bids
from market.web.campaigns.views import bp as campaigns
from market.web.capabilities.views import bp as capabilities
from market.web.challenges.views import bp as challenges
from market.web.contacts.views import bp as contacts
from market.web.contracts.views import bp as contracts
from market.web.home.views import bp as home
from market.web.imports.views import bp as imports
from market.web.leads.views import bp as leads
from market.web.matches.views import bp as matches
from market.web.moderation.views import bp as moderation
from market.web.open_data.views import bp as open_data
from market.web.registration.views import bp as registration
from market.web.statistics.views import bp as statistics

BLUEPRINTS = (
    home,
    accounts,
    leads,
    challenges,
    capabilities,
    matches,
    contacts,
    bids,
    contracts,
    registration,
    statistics,
    attribution,
    open_data,
    moderation,
    imports,
    campaigns,
)
_STATUS = (
    (errors.Forbidden, 403),
    (errors.NotVisible, 404),
    (errors.TooMany, 429),
    (errors.Stale, 409),
    (errors.IllegalStep, 409),
    (errors.Duplicate, 409),
    (errors.Invalid, 422),
    (errors.MarketError, 400),
)


def create_app(config: Config | None = None) -> Flask:
    """Return the application: settings → extensions → filters → blueprints → error pages → commands."""
    config = config or Config()
    app = Flask("market", root_path=str(ROOT / "market"), instance_path=str(config.instance.resolve()))
    config.instance.mkdir(parents=True, exist_ok=True)
    app.config.from_mapping(config.flask())
    _connect_database(app, config)
    engine.configure(_engine_settings(config))
    extensions.bootstrap.init_app(app)
    extensions.csrf.init_app(app)
    extensions.login_manager.init_app(app)
    formatters.register(app)
    app.url_map.converters |= {"int": addresses.NumberConverter, "bid": addresses.BidConverter}
    app.request_class = addresses.Request
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    _hook_requests(app)
    _hook_templates(app)
    _hook_errors(app)
    market.cli.register(app)
    if config.proxy_hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=config.proxy_hops, x_proto=config.proxy_hops, x_host=config.proxy_hops)  # type: ignore[method-assign]
    if not config.testing:
        app.wsgi_app = WhiteNoise(app.wsgi_app, root=str(ROOT / "market" / "static"), prefix="static/", max_age=3600)  # type: ignore[method-assign]
    return app


def _engine_settings(config: Config) -> EngineSettings:
    weights = Weights(**json.loads(config.weights_file.read_text())) if config.weights_file.exists() else Weights()
    settings = EngineSettings(weights=weights, reranker=config.reranker, rerank=config.rerank)
    if not config.encoder:
        return settings
    return replace(settings, model=config.encoder, query_prompt=config.encoder_query_prompt, document_prompt=config.encoder_document_prompt)


def _engine_setup(app: Flask, config: Config) -> engine.Setup:
    def in_background(work: Callable[[], None]) -> None:
        def inside() -> None:
            with app.app_context():
                database.use_read_only(True)
                work()

        threading.Thread(target=inside, daemon=True, name="engine").start()

    stores = pgvector.stores(config.stores, config.url())
    return engine.Setup(_engine_settings(config), config.instance / "index", *stores, background=in_background)


def _connect_database(app: Flask, config: Config) -> None:
    options: dict[str, Any] = {}
    if config.url().startswith("sqlite"):
        database.check_sqlite_version(sqlite_driver.sqlite_version_info)
        options["module"] = sqlite_driver
    else:
        options.update(pool_size=5, max_overflow=15, pool_pre_ping=True)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    db.init_app(app)
    Migrate(app, db, directory=str(ROOT / "market" / "migrations"), render_as_batch=True, compare_type=True)
    with app.app_context():
        database.prepare_engine(db.engine)


def _hook_requests(app: Flask) -> None:
    @app.before_request
    def prepare() -> Any:
        view = app.view_functions.get(request.endpoint or "")
        reading = request.method in {"GET", "HEAD", "OPTIONS"} or getattr(view, "read_only", False)
        database.use_read_only(reading)
        if request.endpoint in access.FREE:
            return None
        g.site = settings.current()
        clock.set_offset(g.site.clock_offset_days if g.site.sample_market else 0)
        refused = access.check_request()
        if reading and current_user.is_authenticated:
            account_actions.touch_session(current_user.session_id, current_user.seen_at)
        return refused

    @app.teardown_request
    def forget(_error: BaseException | None) -> None:
        database.use_read_only(False)
        clock.set_offset(0)

    app.after_request(access.secure_headers)


def _hook_templates(app: Flask) -> None:
    @app.context_processor
    def everywhere() -> dict[str, Any]:
        actor = access.actor()
        return {
            "site": getattr(g, "site", None) or settings.MarketSettings(),
            "may": lambda permission, subject=None: may(actor, permission, getattr(subject, "subject", subject)),
            "now": clock.now(),
            "idempotency_key": lambda: secrets.token_urlsafe(16),
            "todo_count": sum(task.number for task in access.tasks()),
            "unread_count": notices.unread_count(actor.id) if actor.id else 0,
            "development": app.config["MARKET"].development,
        }


def _hook_errors(app: Flask) -> None:
    @app.errorhandler(errors.MarketError)
    def refused(error: errors.MarketError) -> Any:
        status = next(code for kind, code in _STATUS if isinstance(error, kind))
        return _error_page(status, str(error), getattr(error, "changes", []))

    @app.errorhandler(CSRFError)
    def forged(_error: CSRFError) -> Any:
        return _error_page(400, "这张表单已过期，请返回上一页刷新后重新提交")

    @app.errorhandler(HTTPException)
    def failed(error: HTTPException) -> Any:
        if error.code and error.code < 400:
            return error
        return _error_page(error.code or 500, "")

    @app.errorhandler(Exception)
    def broke(error: Exception) -> Any:
        logging.getLogger("market").exception("unhandled error on %s", request.path, exc_info=error)
        db.session.rollback()
        return _error_page(500, "")


def _error_page(status: int, message: str, changes: list[str] | None = None) -> Any:
    try:
        page = render_template([f"errors/{status}.html", "errors/error.html"], status=status, message=message, changes=changes or [])
    except Exception:
        logging.getLogger("market").exception("error page failed")
        page = render_template("errors/bare.html", status=status, message=message)
    return page, status
