"""Verbs that change the market: one public function a verb; checks, changes, records the history entry, in one transaction."""
