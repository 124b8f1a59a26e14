"""What the worker writes about itself."""

from django.db import models


class Heartbeat(models.Model):
    """When something was last seen alive, or last done: by its own clock, and by the database's at the same moment."""

    name = models.CharField(max_length=60, primary_key=True)
    seen_at = models.DateTimeField()
    database_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name} at {self.seen_at:%H:%M:%S}"
