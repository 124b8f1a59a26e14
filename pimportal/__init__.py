"""The portal as a whole: settings, addresses, health, worker, first administrator, demo."""
