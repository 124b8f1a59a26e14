"""The outbox: emails are promised as rows in the transaction of their cause, and delivered by the worker."""
