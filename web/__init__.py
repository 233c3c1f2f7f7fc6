"""What people see in a browser; it decides nothing about records."""
