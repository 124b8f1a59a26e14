"""What administrators type about roles."""
