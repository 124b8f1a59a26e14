"""Stages, quorum, reminder and escalation of requests, and requests that are no longer possible."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("requests_app", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="decision",
            options={"ordering": ["decided_at", "id"]},
        ),
        migrations.RemoveConstraint(
            model_name="decision",
            name="one_decision_per_request_and_stage",
        ),
        migrations.AddField(
            model_name="rolerequest",
            name="escalated_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="rolerequest",
            name="remind_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="rolerequest",
            name="reminded_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="decision",
            name="justification",
            field=models.TextField(blank=True),
        ),
        migrations.AlterField(
            model_name="rolerequest",
            name="status",
            field=models.CharField(
                choices=[
                    ("pending", "Waiting for approval"),
                    ("granted", "Granted"),
                    ("denied", "Denied"),
                    ("cancelled", "Cancelled"),
                    ("timed_out", "Not decided in time"),
                    ("lapsed", "No longer possible"),
                ],
                default="pending",
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(
                fields=("role_request", "approver"), name="one_decision_per_request_and_approver"
            ),
        ),
    ]
