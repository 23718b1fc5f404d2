"""The blueprint that every page of the room accounts registers on, and the words its templates ask for."""

from __future__ import annotations

from flask import Blueprint

from market.domain.permissions import ROLE_WORDS, roles_from

bp = Blueprint("accounts", __name__)

_BROWSERS = (
    ("MicroMessenger", "微信"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", "鸿蒙"),
    ("Android", "安卓"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


@bp.app_template_filter("role_word")
def role_word(role: str) -> str:
    """Return the Chinese word of a role; an unknown one as it is."""
    return next((ROLE_WORDS[one] for one in roles_from([role])), role)


@bp.app_template_filter("device")
def device(agent: str) -> str:
    """Return what a User-Agent says about browser and system, in a few words."""
    browser = next((word for mark, word in _BROWSERS if mark in agent), "浏览器")
    system = next((word for mark, word in _SYSTEMS if mark in agent), "")
    return f"{browser}，{system}" if system else browser
