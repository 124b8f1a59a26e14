"""Reads that serve pages, exports and the worker."""
