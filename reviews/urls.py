"""The addresses of access reviews."""

from django.urls import path

from reviews.views import exports, review_coverage, reviews_report
from reviews.views.add_review import add_review
from reviews.views.update_series import update_series

urlpatterns = [
    path("reviews/add/", add_review, name="add_review"),
    path("reviews/series/<int:series_id>/", update_series, name="update_series"),
    path("reviews/coverage/", review_coverage.review_coverage, name="review_coverage"),
    path("reviews/report/", reviews_report.reviews_report, name="reviews_report"),
    path("reviews/<int:review_id>/export/", exports.review_export, name="review_export"),
]
