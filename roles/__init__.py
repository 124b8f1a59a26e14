"""Roles, their settings, who may have them, who has them, and the one decision: is it active?"""
