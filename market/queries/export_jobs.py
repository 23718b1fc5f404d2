"""Long exports that the worker writes: one with how far it is."""

from __future__ import annotations

from dataclasses import dataclass

from market.db import db
from market.domain.permissions import ANYTHING, Subject
from market.models import Job

KIND = "export"


@dataclass(frozen=True)
class ExportJob:
    """A long export; everybody who may export may see it, for they may export the same themselves."""

    job: Job

    @property
    def subject(self) -> Subject:
        """Nobody's in particular."""
        return ANYTHING


def get(job_id: int) -> ExportJob | None:
    """Return one export; jobs of other kinds are not found here."""
    job = db.session.get(Job, job_id)
    return ExportJob(job) if job is not None and job.kind == KIND else None
