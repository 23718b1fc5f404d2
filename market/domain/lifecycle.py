"""One small class for every state machine. A lifecycle is a table; guards, buttons, tests and diagrams come from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from market.domain.errors import IllegalStep
from market.domain.permissions import Permission

Facts = Mapping[str, Any]
Guard = Callable[[Facts], str | None]


@dataclass(frozen=True)
class Step:
    """One permitted move. `guards` return None, or the Chinese sentence that says why not (yet)."""

    name: str
    label: str
    sources: tuple[str, ...]
    target: str
    permission: Permission
    guards: tuple[Guard, ...] = ()
    needs_reason: bool = False
    system: bool = False  # taken by another action, never a button of its own


@dataclass(frozen=True)
class Lifecycle:
    """The states of one kind of subject with their Chinese words, and the steps between them."""

    subject: str
    states: Mapping[str, str]
    tones: Mapping[str, str]  # state → neutral | waiting | open | done | stopped (shape and colour of the pill)
    steps: tuple[Step, ...]

    def step(self, name: str) -> Step:
        """Return the step called `name`; raises IllegalStep when there is none."""
        for step in self.steps:
            if step.name == name:
                return step
        raise IllegalStep("没有这一步")

    def take(self, state: str, name: str, facts: Facts) -> str:
        """Return the state after step `name` from `state`; raises IllegalStep with the reason."""
        step = self.step(name)
        if state not in step.sources:
            raise IllegalStep(f"目前是「{self.states[state]}」，不能{step.label}")
        reason = self.refusal(step, facts)
        if reason:
            raise IllegalStep(reason)
        return step.target

    def refusal(self, step: Step, facts: Facts) -> str | None:
        """Return why the guards refuse `step`, or None."""
        if step.needs_reason and not str(facts.get("reason") or "").strip():
            return f"{step.label}需要写明理由"
        return next((said for guard in step.guards if (said := guard(facts))), None)

    def steps_from(self, state: str, include_system: bool = False) -> list[Step]:
        """Return the steps that start in `state`, in table order."""
        return [s for s in self.steps if state in s.sources and (include_system or not s.system)]

    def mermaid(self) -> str:
        """Return the table as a Mermaid state diagram (docs print it, a test compares)."""
        lines = ["stateDiagram-v2"]
        lines += [f"    {state}: {word}" for state, word in self.states.items()]
        lines += [f"    {source} --> {step.target}: {step.label}" for step in self.steps for source in step.sources]
        return "\n".join(lines)


def require(key: str, message: str) -> Guard:
    """Return a guard that wants facts[key] to be true."""
    return lambda facts: None if facts.get(key) else message


def forbid(key: str, message: str) -> Guard:
    """Return a guard that wants facts[key] to be false."""
    return lambda facts: message if facts.get(key) else None


def states_where(lifecycle: Lifecycle, tones: Iterable[str]) -> tuple[str, ...]:
    """Return the states whose tone is one of `tones`."""
    wanted = set(tones)
    return tuple(state for state in lifecycle.states if lifecycle.tones[state] in wanted)
