"""Doors to everything: the command line."""
