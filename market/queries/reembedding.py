"""How far the change to another model is; see actions/reembedding.py."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from market.matching import EngineSettings
from market.queries import engine, settings

PROGRESS = "matching_progress"


@dataclass(frozen=True)
class ModelChange:
    """Which model answers, and while another takes over: which, and how many of the listings it has embedded."""

    answers: str
    comes: str = ""
    done: int = 0
    of: int = 0


def read() -> ModelChange:
    """Return the state of the change; `comes` is empty when there is none."""
    stored, progress = settings.value(engine.MODEL), settings.value(PROGRESS)
    answers = _name(stored["model"] if isinstance(stored, dict) else engine.configured().model)
    if not isinstance(progress, dict):
        return ModelChange(answers)
    return ModelChange(answers, _name(progress["model"]), progress["done"], progress["of"])


def _name(model: str) -> str:
    """The last part of a folder's or a hub model's name."""
    return "随程序提供的模型" if model == EngineSettings().model else Path(model).name
