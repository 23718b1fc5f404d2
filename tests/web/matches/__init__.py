"""Pages of the room matches."""
