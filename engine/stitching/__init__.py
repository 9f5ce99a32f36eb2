"""Stitching: fitted maps from one model's space to another's, and what they are worth beside their controls."""
