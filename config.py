"""Every setting that comes from outside, typed and documented; the only reader of the environment.

What the commission itself changes (主办单位, ICP, confirmation months, …) is not here but in the
table of settings, on the page 设置.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent


def _text(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def _number(name: str, default: int) -> int:
    return int(os.environ.get(name, default))


@dataclass(frozen=True)
class Config:
    """Settings of one process. Names in capitals are what Flask and its extensions read."""

    instance: Path = field(default_factory=lambda: Path(_text("MARKET_INSTANCE", str(ROOT / "instance"))))
    database_url: str = field(default_factory=lambda: _text("MARKET_DATABASE_URL"))  # empty: SQLite in the instance folder
    secret_key: str = field(default_factory=lambda: _text("MARKET_SECRET_KEY"))  # empty: one is made and kept in the instance folder
    public_url: str = field(default_factory=lambda: _text("MARKET_PUBLIC_URL", "http://127.0.0.1:8000"))  # used in mails and QR codes
    trusted_hosts: str = field(
        default_factory=lambda: _text("MARKET_TRUSTED_HOSTS")
    )  # comma-separated; empty: from public_url and loopback
    proxy_hops: int = field(default_factory=lambda: _number("MARKET_PROXY_HOPS", 0))  # reverse proxies in front
    smtp_url: str = field(default_factory=lambda: _text("MARKET_SMTP_URL"))  # smtp://user:password@host:port; empty: 待通知
    mail_from: str = field(default_factory=lambda: _text("MARKET_MAIL_FROM", "no-reply@localhost"))
    encoder: str = field(default_factory=lambda: _text("MARKET_ENCODER"))  # a SentenceTransformer name or path; empty: the carried model
    encoder_query_prompt: str = field(default_factory=lambda: _text("MARKET_ENCODER_QUERY_PROMPT"))
    encoder_document_prompt: str = field(default_factory=lambda: _text("MARKET_ENCODER_DOCUMENT_PROMPT"))
    reranker: str = field(default_factory=lambda: _text("MARKET_RERANKER"))  # a CrossEncoder name or path; empty: none
    rerank: int = field(default_factory=lambda: _number("MARKET_RERANK", 20))  # so many of the best are read by the re-ranker
    stores: str = field(default_factory=lambda: _text("MARKET_STORES", "process"))  # process: FAISS and BM25; database: pgvector
    development: bool = field(default_factory=lambda: _text("MARKET_DEVELOPMENT") == "1")  # gallery page, template reload
    testing: bool = False

    def url(self) -> str:
        """Return the SQLAlchemy URL of the database."""
        if self.database_url:
            return self.database_url.replace("postgresql://", "postgresql+psycopg://", 1)
        return f"sqlite:///{self.instance / 'market.db'}"

    @property
    def weights_file(self) -> Path:
        """Where `flask matching tune` keeps the weights of the engine's sides; the carried ones hold without it."""
        return self.instance / "matching-weights.json"

    @property
    def exports(self) -> Path:
        """Where the worker writes long exports; each is deleted after a day."""
        return self.instance / "exports"

    def key(self) -> str:
        """Return the secret key; makes one in the instance folder (mode 0600) on the first start."""
        if self.secret_key:
            if len(self.secret_key) < 32:
                raise RuntimeError("MARKET_SECRET_KEY must have at least 32 characters")
            return self.secret_key
        path = self.instance / "secret-key"
        self.instance.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(48))
        return path.read_text()

    @property
    def loopback(self) -> bool:
        """True when the site is served over plain http on this machine only; there cookies need not be Secure."""
        return self.public_url.startswith(("http://127.0.0.1", "http://localhost"))

    def flask(self) -> dict[str, object]:
        """Return the mapping for `app.config`."""
        return {
            "SECRET_KEY": self.key(),
            "SQLALCHEMY_DATABASE_URI": self.url(),
            "MAX_CONTENT_LENGTH": 40 * 1024 * 1024,
            "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
            "MAX_FORM_PARTS": 2_000,
            "BOOTSTRAP_SERVE_LOCAL": True,
            "WTF_CSRF_TIME_LIMIT": None,
            "SESSION_COOKIE_NAME": "market" if self.loopback else "__Host-market",
            "SESSION_COOKIE_SECURE": not self.loopback,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "TRUSTED_HOSTS": self.hosts(),
            "TEMPLATES_AUTO_RELOAD": self.development,
            "TESTING": self.testing,
            "MARKET": self,
        }

    def hosts(self) -> list[str]:
        """Return the host names this site answers to."""
        if self.trusted_hosts:
            return [host.strip() for host in self.trusted_hosts.split(",")]
        public = self.public_url.split("://", 1)[-1].split("/", 1)[0].rsplit(":", 1)[0]
        return list({public, "127.0.0.1", "localhost"})
