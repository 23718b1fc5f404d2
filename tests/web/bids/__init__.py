"""Tests of the room bids."""
