"""Platonic Atlas in a browser: reads an atlas; never torch, never a model."""
