"""The emails of this app: who gets them, with which facts."""
