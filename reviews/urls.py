"""The addresses of access reviews."""

from django.urls import path

from reviews.views import answer_all, my_review, my_reviews

urlpatterns = [
    path("my-reviews/", my_reviews.my_reviews, name="my_reviews"),
    path("my-reviews/<int:review_id>/", my_review.my_review, name="my_review"),
    path("my-reviews/<int:review_id>/all/", answer_all.answer_all, name="answer_all"),
]
