"""The page Anchors: a set is chosen, and what it does is measured."""
