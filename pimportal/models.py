"""What the worker writes about itself."""

from django.db import models


class Heartbeat(models.Model):
    """When something was last seen alive."""

    name = models.CharField(max_length=40, primary_key=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.seen_at:%H:%M:%S}"
