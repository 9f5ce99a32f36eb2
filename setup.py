"""Maps the import package onto the folders of the checkout: platonic_atlas.engine is engine/, and so on."""

from setuptools import find_packages, setup

ROOMS = ("engine", "dashboard")
found = [name for name in find_packages(include=[f"{room}*" for room in ROOMS]) if name != "engine.public"]

setup(
    packages=["platonic_atlas", "platonic_atlas.data", *(f"platonic_atlas.{name}" for name in found)],
    package_dir={
        "platonic_atlas": "engine/public",
        "platonic_atlas.data": "data",
        **{f"platonic_atlas.{r}": r for r in ROOMS},
    },
)
