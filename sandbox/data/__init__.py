"""Recorded data that the local servers serve; data only."""
