"""The addresses of access reviews."""

from django.urls import path

from reviews.views import (
    acts,
    answer_all,
    exports,
    my_review,
    my_reviews,
    review,
    review_coverage,
    review_history,
    review_results,
    review_reviewers,
    review_series,
    review_settings,
    reviews,
    reviews_report,
    series_acts,
)
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
    path("reviews/", reviews.reviews, name="reviews"),
    path("reviews/<int:review_id>/", review.review, name="review"),
    path("reviews/<int:review_id>/results/", review_results.review_results, name="review_results"),
    path("reviews/<int:review_id>/reviewers/", review_reviewers.review_reviewers, name="review_reviewers"),
    path("reviews/<int:review_id>/reviewers/remind/", review_reviewers.remind_reviewers, name="remind_reviewers"),
    path(
        "reviews/<int:review_id>/reviewers/<int:number>/",
        review_reviewers.change_reviewers,
        name="change_reviewers",
    ),
    path("reviews/<int:review_id>/settings/", review_settings.review_settings, name="review_settings"),
    path("reviews/<int:review_id>/history/", review_history.review_history, name="review_history"),
    path("reviews/<int:review_id>/stop/", acts.stop_review, name="stop_review"),
    path("reviews/<int:review_id>/stages/<int:number>/stop/", acts.stop_review_stage, name="stop_review_stage"),
    path("reviews/<int:review_id>/reset/", acts.reset_review, name="reset_review"),
    path("reviews/<int:review_id>/apply/", acts.apply_review, name="apply_review"),
    path("reviews/<int:review_id>/apply-again/", acts.apply_review_again, name="apply_review_again"),
    path("reviews/<int:review_id>/delete/", acts.delete_review, name="delete_review"),
    path("reviews/<int:review_id>/restore/", acts.restore_review, name="restore_review"),
    path("reviews/series/<int:series_id>/reviews/", review_series.review_series, name="review_series"),
    path("reviews/series/<int:series_id>/end/", series_acts.end_series, name="end_series"),
    path("reviews/series/<int:series_id>/delete/", series_acts.delete_series, name="delete_series"),
    path("reviews/series/<int:series_id>/restore/", series_acts.restore_series, name="restore_series"),
]
