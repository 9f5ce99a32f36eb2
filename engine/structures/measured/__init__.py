"""Crystals as they were measured: the sources that a recipe names, each a list that an installed package brings."""
