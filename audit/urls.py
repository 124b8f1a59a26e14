"""Pages of the history."""

from django.urls import path

from audit.views import exports, history

urlpatterns = [
    path("history/", history.history, name="history"),
    path("history/export/", exports.history_export, name="history_export"),
    path("my-history/", history.my_history, name="my_history"),
    path("my-history/export/", exports.my_history_export, name="my_history_export"),
]
