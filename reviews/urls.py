"""The addresses of access reviews."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
