"""One file a format: from text to frames, and what a file says of its structures."""
