"""The bare page: a Flask application without hooks that renders the market's own templates from constants.

The constants are what the real view handed to its template in this run, caught by Flask's signal. What is
left is the work of Flask and Jinja alone, which no query and no check of ours can be blamed for.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, request, template_rendered
from werkzeug.local import LocalProxy


class Catch:
    """Remembers the template and the values of each page that the market renders, by its address."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[Any, dict[str, Any]]] = {}

    def __enter__(self) -> Catch:
        template_rendered.connect(self._take)
        return self

    def __exit__(self, *_: object) -> None:
        template_rendered.disconnect(self._take)

    def _take(self, _sender: Any, template: Any, context: dict[str, Any], **_: Any) -> None:
        values = {name: self._constant(value) for name, value in context.items() if name not in {"request", "session", "g"}}
        self.pages[request.full_path] = (template, values)

    @staticmethod
    def _constant(value: Any) -> Any:
        return value._get_current_object() if isinstance(value, LocalProxy) else value


def bare_app(app: Flask, catch: Catch) -> Flask:
    """Return the bare application: the market's addresses and templates, none of its hooks, views or database."""
    bare = Flask("bare", static_folder=None)
    bare.config.update(app.config)
    bare.extensions = app.extensions
    bare.login_manager = app.login_manager  # type: ignore[attr-defined]

    def page(**_: Any) -> str:
        template, values = catch.pages[request.full_path]
        return str(template.render(values, request=request))

    for rule in app.url_map.iter_rules():
        bare.url_map.add(rule.empty())
        bare.view_functions[rule.endpoint] = page
    return bare
