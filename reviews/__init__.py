"""Access reviews: does everybody still need what they hold?"""
