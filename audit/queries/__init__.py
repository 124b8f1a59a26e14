"""Reads of the history: filtered, page by page, and line by line for a download."""
