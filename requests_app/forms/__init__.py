"""What people type when they ask and when they decide."""
