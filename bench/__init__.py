"""Benchmarks: each measures the wall and, in the same run, what it is compared with. ``python -m bench --help``."""
