"""The one failure of the benchmark."""


class BenchError(Exception):
    """A part cannot be measured; the message says what was expected and what came."""
