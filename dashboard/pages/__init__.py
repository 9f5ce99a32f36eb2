"""One file a page or a part of it: composition, and what each intent does."""
