"""Anchors that a file names, atom by atom."""

from __future__ import annotations

import numpy as np

from platonic_atlas.engine.anchors.reference import Chosen, Request
from platonic_atlas.engine.errors import AnchorError
from platonic_atlas.engine.types import IntArray


def file(request: Request) -> Chosen:
    """Anchors named by their position in the input; symmetry copies of one site give one anchor.

    Raises
    ------
    AnchorError
        No atom is named, or one that is not in the input, was rejected, or is not embedded by every model.
    """
    atoms = np.asarray([] if request.atoms is None else request.atoms)
    input_site = np.asarray([] if request.input_site is None else request.input_site)
    if atoms.ndim != 1 or len(atoms) == 0 or atoms.dtype.kind not in "iu":
        raise AnchorError(
            "The anchor file names no atoms.",
            "Expected whole numbers, positions of atoms in the input from 0.",
            "Check the file given with '--file'.",
        )
    outside = atoms[(atoms < 0) | (atoms >= len(input_site))]
    if len(outside):
        raise AnchorError(
            f"Atom {outside[0]} of the anchor file is not in the input ({len(outside)} such).",
            f"Expected positions from 0 to {len(input_site) - 1}.",
            "Ingest the input that the file was made for, or correct the file.",
        )
    sites = input_site[atoms]
    for bad, why in ((sites < 0, "belongs to a structure that was rejected"), (None, "is not embedded by every model")):
        wrong = atoms[~request.eligible[sites] if bad is None else bad]
        if len(wrong):
            raise AnchorError(
                f"Atom {wrong[0]} of the anchor file {why} ({len(wrong)} such).",
                "Anchors must be accepted atoms that every model embeds.",
                "Take these atoms out of the file; 'platonic status' lists what was rejected.",
            )
    unique = sites[np.sort(np.unique(sites, return_index=True)[1])]
    return unique, {"n": len(unique), "n_named": len(atoms)}


def parse_anchor_file(text: str) -> IntArray:
    """Atom positions in a text of whole numbers parted by spaces, commas or lines; '#' starts a comment."""
    words = " ".join(line.partition("#")[0] for line in text.splitlines()).replace(",", " ").split()
    wrong = [word for word in words if not word.isdecimal()]
    if wrong or not words:
        raise AnchorError(
            f"'{wrong[0][:40]}' in the anchor file is not an atom position." if wrong else "The anchor file is empty.",
            "Expected whole numbers from 0, parted by spaces, commas or lines.",
            "Check the file given with '--file'.",
        )
    return np.array([int(word) for word in words], dtype=np.int64)
