"""Clips to arrays and back; pure, and shared with training."""
