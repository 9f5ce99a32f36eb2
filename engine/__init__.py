"""Platonic Atlas, the engine: numbers and files; no drawing, no web. Its verbs are those of `platonic_atlas`."""
