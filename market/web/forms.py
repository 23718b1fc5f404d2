"""What every form shares: Chinese messages, money in 万元, errors of the rules shown beside the field, one post once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import Field, HiddenField, IntegerField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.meta import DefaultMeta
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from market.domain import identifiers, money
from market.domain.errors import Duplicate, IllegalStep, Invalid, Stale
from market.web import access

_DIGITS = 16  # the ids of bids are drawn below 2**52


class MarketForm(FlaskForm):
    """Base of all forms: cleans text, carries the idempotency key and, where asked, the version."""

    idempotency_key = HiddenField()

    class Meta(FlaskForm.Meta):
        """Chinese messages from WTForms; every string is cleaned on the way in."""

        locales = ("zh", "en")

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            """Give every text field the cleaning filter and every choice its type."""
            if issubclass(unbound_field.field_class, StringField):
                unbound_field.kwargs.setdefault("filters", [_clean])
            given = unbound_field.kwargs.get("choices")
            if isinstance(given, list | dict):
                unbound_field.kwargs["choices"] = choices(given.items() if isinstance(given, dict) else given)
            return super().bind_field(form, unbound_field, options)

        def get_translations(self, form: Any) -> Any:
            """WTForms' own words, and ours where it has none in Chinese."""
            return _Words(DefaultMeta.get_translations(self, form))  # flask_wtf has none without flask_babel


class _Words:
    """Translations that know a few sentences more."""

    ours: ClassVar = {
        "'%(value)s' is not a valid choice for this field.": "「%(value)s」不在可选的范围内",
        "'%(value)s' are not valid choices for this field.": "「%(value)s」不在可选的范围内",
        "Not a valid choice": "不在可选的范围内",
    }

    def __init__(self, base: Any) -> None:
        self._base = base

    def gettext(self, text: str) -> str:
        """Return a sentence in Chinese, where there is one."""
        return self.ours.get(text) or str(self._base.gettext(text))

    def ngettext(self, one: str, many: str, count: int) -> str:
        """Return the sentence for a count."""
        text = one if count == 1 else many
        return self.ours.get(text) or str(self._base.ngettext(one, many, count))


def choices(pairs: Iterable[Any]) -> list[SelectChoice]:
    """Return (value, label) pairs as the choices that a select field takes; a pair (group, table) is a group of choices."""
    found: list[SelectChoice] = []
    for pair in pairs:
        grouped = isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[1], dict)
        found += (
            [SelectChoice(value, label, optgroup=pair[0]) for value, label in pair[1].items()]
            if grouped
            else [SelectChoice.from_input(pair)]
        )
    return found


def _clean(value: Any) -> Any:
    return identifiers.clean_text(value, 30_000) if isinstance(value, str) else value


class WanField(StringField):
    """An amount typed in 万元; `fen` is the amount in 分, or None when left empty."""

    fen: int | None = None

    def process_data(self, value: Any) -> None:
        """Show stored 分 as 万元."""
        self.fen = value
        self.data = "" if value is None else money.in_unit(value, money.WAN, 6).replace(",", "")

    def pre_validate(self, form: Any) -> None:
        """Read the amount; raises ValidationError with the Chinese message."""
        self.fen = None
        if self.data:
            try:
                self.fen = money.parse_wan(str(self.data))
            except Invalid as error:
                raise ValidationError(next(iter(error.fields.values()))) from error


class CountField(IntegerField):
    """A whole number of a few digits; a longer one is refused like a word (no float and no column holds it)."""

    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the number; raises ValueError with WTForms' own message for what is none."""
        super().process_formdata(valuelist)
        if self.data is not None and abs(self.data) >= 10**_DIGITS:
            self.data = None
            raise ValueError("数字太大")


def whole(text: object) -> int | None:
    """Return the number that a hidden field or a button carries; None for what is none (Python reads ² and ５ as digits)."""
    typed = str(text or "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= _DIGITS else None


def required(message: str = "请填写这一项") -> InputRequired:
    """Return the validator of a field that must be filled."""
    return InputRequired(message)


def at_most(limit: int) -> Length:
    """Return the validator of a longest text."""
    return Length(max=limit, message=f"最多 {limit} 个字")


def optional() -> Optional:
    """Return the validator that lets a field be empty."""
    return Optional()


def submit(form: MarketForm, work: Callable[[], str]) -> Response | None:
    """Validate `form` and run `work` once; return the redirect, or None when the page is to be shown again.

    Errors of the rules land beside their field, all others in `form.form_errors`; what was typed stays.
    Stale passes through (409 page).
    """
    if not form.validate_on_submit():
        return None
    try:
        return access.once(work)
    except Invalid as error:
        for name, message in error.fields.items():
            field = getattr(form, name, None)
            if isinstance(field, Field):
                field.errors = [*field.errors, message]
            else:
                form.form_errors.append(message)
    except Stale:
        raise
    except (IllegalStep, Duplicate) as error:
        form.form_errors.append(str(error))
    return None
