"""The addresses of access reviews."""

from django.urls import path

from reviews.views import exports, review_coverage, reviews_report

urlpatterns = [
    path("reviews/coverage/", review_coverage.review_coverage, name="review_coverage"),
    path("reviews/report/", reviews_report.reviews_report, name="reviews_report"),
    path("reviews/<int:review_id>/export/", exports.review_export, name="review_export"),
]
