"""Every path, dimension and attribute of an atlas on disk (format version 1).

Readers and writers name nothing themselves: a renamed array is one changed line here.
"""

from __future__ import annotations

from dataclasses import dataclass

FORMAT = "platonic-atlas"
FORMAT_VERSION = 1
CHUNK_ROWS = 4096
DOCUMENT = "zarr.json"  # what a node says of itself
REJECTS = "rejects.json"
SUFFIX_DIRECTORY = ".atlas.zarr"
SUFFIX_ZIP = ".atlas.zip"

COMPLETE = "complete"
CHECKSUM = "checksum"

# A zip of an atlas is read from strangers: neither a bomb nor a way out of its folder.
MAX_MEMBER_BYTES = 2 * 1024**3
MAX_TOTAL_BYTES = 16 * 1024**3


@dataclass(frozen=True)
class Column:
    """One array: data type and dimension names, the first of which counts the rows."""

    dtype: str
    dimensions: tuple[str, ...]


STRUCTURES = {
    "n_atoms": Column("int32", ("structure",)),
    "offset": Column("int64", ("structure",)),
    "cell": Column("float64", ("structure", "vector", "xyz")),
    "pbc": Column("bool", ("structure", "xyz")),
    "id": Column("string", ("structure",)),
    "input_index": Column("int64", ("structure",)),
    "formula": Column("string", ("structure",)),
    "source": Column("string", ("structure",)),
    "prototype": Column("string", ("structure",)),
    "spacegroup": Column("int16", ("structure",)),
}
# Written where the input holds it: the energy per atom that came with the structures, such as one of DFT, the name that
# it stood under there; and what was changed or dropped as a structure was read
STRUCTURE_EXTRAS = {
    "reference_energy": Column("float64", ("structure",)),
    "reference_energy_key": Column("string", ("structure",)),
    "note": Column("string", ("structure",)),
}
ATOMS = {
    "atomic_number": Column("int16", ("atom",)),
    "position": Column("float64", ("atom", "xyz")),
    "structure": Column("int32", ("atom",)),
    "site": Column("int32", ("atom",)),
}
SITES = {
    "atom": Column("int32", ("site",)),
    "multiplicity": Column("int32", ("site",)),
}
INPUTS = {"site": Column("int32", ("input_atom",))}
LABEL = Column("string", ("site",))
EMBEDDING = {
    "embedding": Column("float32", ("site", "feature")),
    "norm": Column("float32", ("site",)),
    "orbit_spread": Column("float32", ("site",)),
    "present": Column("bool", ("site",)),
}
SITE_ENERGY = Column("float64", ("site",))
EXTRAS = {
    "rotation_spread": Column("float32", ("site",)),
    "site_energy_offset": Column("float64", ("site",)),
}
CHUNK_CHECKSUM = Column("uint64", ("chunk", "part"))
MOMENTS = {
    "mean0": Column("float64", ("feature",)),
    "mean": Column("float64", ("feature",)),
    "second": Column("float64", ("feature", "feature_2")),
    "within_element_second": Column("float64", ("feature", "feature_2")),
    "raw_mean": Column("float64", ("feature",)),
    "raw_second": Column("float64", ("feature", "feature_2")),
    "rho": Column("float32", ("site",)),
}
# Of two models, or of one with itself, which has the sums too: the halves of the structures apart
CROSS = {
    "product": Column("float64", ("half", "feature", "feature_2")),
    "sum": Column("float64", ("half", "element", "feature")),
}
# Each is its own transpose: a shipped atlas holds the upper triangle, zeros below it, and readers look at that alone.
SYMMETRIC = ("second", "within_element_second", "raw_second")
CROSS_FORMAT = 1  # how the sums are taken; those of another format are made again
# In a shipped atlas the moments are half of their size; 1e-7 of a covariance is far below a pixel.
PACKED_DTYPES = {
    "second": "float32",
    "within_element_second": "float32",
    "raw_second": "float32",
    "embedding": "float16",
}
PACKED_AS_IT_IS = ("present", "orbit_spread", "site_energy")  # of an embedding
ANCHOR_SITE = Column("int32", ("anchor",))
COORDINATES = Column("float32", ("site", "axis"))

CHUNK_CHECKSUMS = "chunk_checksum"


def column(path: str) -> Column | None:
    """The column of an array by its path, None where the format has no such array."""
    room, *names = path.split("/")
    leaf = names[-1] if names else ""
    flat = {"structures": STRUCTURES | STRUCTURE_EXTRAS, "atoms": ATOMS, "sites": SITES, "inputs": INPUTS}
    if room in flat and len(names) == 1:
        return flat[room].get(leaf)
    if room == "sites" and len(names) == 2 and names[0] == "labels":
        return LABEL
    if path.startswith(f"{CROSSED}/"):
        return CROSS.get(leaf) if path.count("/") == CROSS_DEPTH else None
    deep = {
        "embeddings": (3, {**EMBEDDING, **EXTRAS, "site_energy": SITE_ENERGY, CHUNK_CHECKSUMS: CHUNK_CHECKSUM}),
        "moments": (4, MOMENTS),
        "anchors": (2, {"site": ANCHOR_SITE}),
        "layouts": (3, {"coordinates": COORDINATES}),
        "labels": (2, {"label": LABEL}),
    }
    depth, columns = deep.get(room, (0, {}))
    return columns.get(leaf) if len(names) == depth else None


# Room -> how deep its groups lie that are written as one, and that the root names
UNIT_DEPTH = {
    "structures": 1, "atoms": 1, "sites": 1, "inputs": 1, "labels": 2, "anchors": 2, "layouts": 3, "embeddings": 3, "studies": 3,
    "moments": 4, "stitching": 4,
}  # fmt: skip
CROSSED, CROSS_DEPTH = "moments/cross", 6  # a room in a room: no balance is called so
INGESTED = ("structures", "atoms", "sites", "inputs")
DERIVED = (
    "labels",
    "anchors",
    "layouts",
    "moments",
    "studies",
)  # rooms of what is made from an atlas and can be made again
UNITS = {"cell": "Å", "position": "Å", "site_energy": "eV", "site_energy_offset": "eV", "reference_energy": "eV/atom"}


def embedding_path(model: str, layer: str) -> str:
    return f"embeddings/{model}/{layer}"


def moments_path(balance: str, model: str, layer: str) -> str:
    return f"moments/{balance}/{model}/{layer}"


def unit_depth(path: str) -> int:
    """How deep the groups lie that are written as one, in the room that a path leads into; 0 where it leads into none."""
    return CROSS_DEPTH if f"{path}/".startswith(f"{CROSSED}/") else UNIT_DEPTH.get(path.split("/")[0], 0)


def cross_path(balance: str, layer: str, first: str, second: str) -> str:
    return f"{CROSSED}/{balance}/{layer}/{first}/{second}"


def anchors_path(name: str) -> str:
    return f"anchors/{name}"


def layout_path(name: str, model: str) -> str:
    return f"layouts/{name}/{model}"


STUDIES = "studies"
# Kind of a study -> format of its record; one of another format is made again
STUDY_FORMATS = {"stitch": 4, "all-pairs": 4, "analogies": 2, "crystal-energies": 2}
SHIPPED_STUDIES = ("all-pairs", "analogies")  # of all models together
FORMER_STUDIES = "stitching"  # where they lay when they did not say what they were made from


def study_path(kind: str, name: str) -> str:
    return f"{STUDIES}/{kind}/{name}"


def label_path(name: str) -> str:
    """Of a label that was made at ingest."""
    return f"sites/labels/{name}"


def added_label_path(name: str) -> str:
    """Of one that came later, a unit by itself: so nothing of the sites is written again for it."""
    return f"labels/{name}"
