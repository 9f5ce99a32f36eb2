"""Platonic Atlas, the engine: numbers and files; no drawing, no web."""
