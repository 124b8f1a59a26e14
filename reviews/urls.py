"""The addresses of access reviews."""

from django.urls import path

from reviews.views.add_review import add_review
from reviews.views.update_series import update_series

urlpatterns = [
    path("reviews/add/", add_review, name="add_review"),
    path("reviews/series/<int:series_id>/", update_series, name="update_series"),
]
