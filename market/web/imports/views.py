"""The room imports: a list taken in, in uploading.py; what the registry's list says of contracts, in deciding.py."""

from __future__ import annotations

from market.web.imports import deciding, uploading
from market.web.imports.blueprint import bp

__all__ = ["bp", "deciding", "uploading"]
