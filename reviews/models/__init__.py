"""Series of reviews, reviews that have begun, and their lines: one file per table. Django looks for them here."""

from reviews.models.items import Answer, ReviewedGrant, ReviewItem
from reviews.models.reviews import Review, ReviewStage, StageReviewer
from reviews.models.rules import NamedReviewer, Rules, StageRules
from reviews.models.series import PlannedReviewer, PlannedStage, Series

__all__ = [
    "Answer",
    "NamedReviewer",
    "PlannedReviewer",
    "PlannedStage",
    "Review",
    "ReviewItem",
    "ReviewStage",
    "ReviewedGrant",
    "Rules",
    "Series",
    "StageReviewer",
    "StageRules",
]
