"""Entrances for browsers. Each room has views.py (a few lines a view) and forms.py; access.py alone says 401, 403, 404."""
