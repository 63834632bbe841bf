"""Benchmark of the product beside a plain Rasa project: ``python -m bench.run --help``."""
