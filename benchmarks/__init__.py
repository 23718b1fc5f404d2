"""How fast the pages are on a large market: `python -m benchmarks` (called by `make bench`). Not part of the tests."""
