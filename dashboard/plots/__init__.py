"""Pure functions: arrays in, pictures out."""
