"""A template of our own, so that these tests hold whatever the real ones say."""

import pytest


@pytest.fixture
def plain_templates(settings, tmp_path):
    """An email called `plain`."""
    folder = tmp_path / "email" / "plain"
    folder.mkdir(parents=True)
    (folder / "subject.txt").write_text("Hello\n  {{ to_name }}\n")
    (folder / "body.txt").write_text("Until {{ ends_at|date:'H:i T' }}. {{ link }} Because {{ why }}.")
    (folder / "body.html").write_text("<p>{{ to_name }}</p>")
    (engine,) = settings.TEMPLATES
    settings.TEMPLATES = [{**engine, "DIRS": [tmp_path, *engine["DIRS"]]}]
