"""What can go wrong by the rules of the market; every message is Chinese and fit to show."""

from __future__ import annotations


class MarketError(Exception):
    """Base of all refusals; `str(error)` is a sentence for the person."""


class Forbidden(MarketError):
    """The actor may not do this to this subject."""

    def __init__(self, message: str = "您没有办理此事的权限") -> None:
        super().__init__(message)


class NotVisible(MarketError):
    """The subject does not exist for this actor (shown as 404, never as 403)."""

    def __init__(self, message: str = "没有找到，或者您无权查看") -> None:
        super().__init__(message)


class IllegalStep(MarketError):
    """The step does not start from the present state, or a guard refuses it."""


class Stale(MarketError):
    """Somebody changed the record after the form was opened; `changes` names what changed."""

    def __init__(self, message: str = "您打开页面之后，这条记录已被他人修改", changes: list[str] | None = None) -> None:
        super().__init__(message)
        self.changes = changes or []


class Invalid(MarketError):
    """Bad input: `fields` maps a field's name to its Chinese error, shown beside the field."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__("；".join(fields.values()))
        self.fields = fields


class Duplicate(MarketError):
    """The thing exists already (a registration number, a credit code, a second award)."""


class TooMany(MarketError):
    """A rate limit was reached; `retry_after` is in seconds."""

    def __init__(self, message: str = "操作太频繁，请稍后再试", retry_after: int = 60) -> None:
        super().__init__(message)
        self.retry_after = retry_after
