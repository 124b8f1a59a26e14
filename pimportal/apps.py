"""The portal as Django's app: when everything is loaded, duties that django-q2 does are noted."""

from django.apps import AppConfig
from django.utils.module_loading import import_string


class PimportalConfig(AppConfig):
    name = "pimportal"

    def ready(self) -> None:
        # By name, because models cannot be imported before everything is loaded.
        import_string("pimportal.noting.listen")()
