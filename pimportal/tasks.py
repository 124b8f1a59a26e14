"""The worker's own task."""


def canary() -> None:
    """Nothing. That it was taken from the queue is what the worker looks at."""
