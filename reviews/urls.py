"""The addresses of access reviews."""

from django.urls import path

from reviews.views import answer_all, exports, my_review, my_reviews, review_coverage, reviews_report
from reviews.views.add_review import add_review
from reviews.views.update_series import update_series

urlpatterns = [
    path("reviews/add/", add_review, name="add_review"),
    path("reviews/series/<int:series_id>/", update_series, name="update_series"),
    path("reviews/coverage/", review_coverage.review_coverage, name="review_coverage"),
    path("reviews/report/", reviews_report.reviews_report, name="reviews_report"),
    path("reviews/<int:review_id>/export/", exports.review_export, name="review_export"),
    path("my-reviews/", my_reviews.my_reviews, name="my_reviews"),
    path("my-reviews/<int:review_id>/", my_review.my_review, name="my_review"),
    path("my-reviews/<int:review_id>/all/", answer_all.answer_all, name="answer_all"),
]
