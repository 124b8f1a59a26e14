"""Several people, or workers, at the same moment."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection

from kernel.refusal import Refused

LONGEST = 30


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls at the same moment, each with a connection of its own.

    Returns what each returned, or its `Refused`; anything else that is raised fails the test.
    """
    start = threading.Barrier(len(calls), timeout=LONGEST)
    outcomes: list[Any] = [None] * len(calls)

    def run(number: int, call: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            start.wait()
            outcomes[number] = call()
        except BaseException as error:
            outcomes[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each, daemon=True) for each in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONGEST)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    for outcome in outcomes:
        if isinstance(outcome, BaseException) and not isinstance(outcome, Refused):
            raise outcome
    return outcomes


def refusals(outcomes: Sequence[Any]) -> list[tuple[str, ...]]:
    """Why those who were refused were refused."""
    return [outcome.codes for outcome in outcomes if isinstance(outcome, Refused)]


def done(outcomes: Sequence[Any]) -> list[Any]:
    """What those got who were not refused."""
    return [outcome for outcome in outcomes if not isinstance(outcome, Refused)]
