"""Extraction: environments of the model families, the worker inside one, and the runner that starts workers."""
