"""Reads of requests: what stands in the way, who decides, what the pages show, what is due."""
