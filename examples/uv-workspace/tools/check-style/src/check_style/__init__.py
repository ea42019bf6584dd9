"""For developers: not in the image."""
