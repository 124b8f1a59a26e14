"""Rows that are written once: the queryset and the model refuse everything else, and so does the database."""

from typing import Any, NoReturn, TypeVar

from django.db import models

Row = TypeVar("Row", bound=models.Model, covariant=True)


class AppendOnly(RuntimeError):
    """Somebody tried to change or remove history."""


class AppendOnlyQuerySet(models.QuerySet[Row]):
    """What would rewrite rows is refused here, and by triggers in the database."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnly("History is never changed.")

    def delete(self) -> NoReturn:
        raise AppendOnly("History is never removed.")


class AppendOnlyModel(models.Model):
    """A row that is written once."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly("History is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("History is never removed.")
