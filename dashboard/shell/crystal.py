"""The crystal of the current atom, in the dock of every page."""

from __future__ import annotations

from typing import Any

import numpy as np

from platonic_atlas.dashboard.components.structure_view import StructureView, structure_data
from platonic_atlas.dashboard.session import Session
from platonic_atlas.engine import elements
from platonic_atlas.engine.structures.surroundings import Surroundings, unit_cell, within

CUTOFF = 5.0  # Å, where no model that is shown says how far it sees
MOST_ATOMS = 400
NEAR = "near-"  # and the distance [Å]
CELLS = [
    {"value": "cell", "label": "Cell", "title": "One unit cell; atoms on its faces are drawn on both sides"},
    {"value": "supercell", "label": "2 × 2 × 2", "title": "Two cells in each direction"},
]


class Crystal:
    """Keeps the structure view in step with the atom that was tapped."""

    def __init__(self, session: Session) -> None:
        self.session, self.view = session, session.view
        self.panel, self.show = StructureView(), "cell"
        self.panel.param.watch(lambda event: self._heard(event.new), "intent")
        self.view.param.watch(lambda *_: self.refresh(), ["atom", "models"])
        self.refresh()

    def options(self) -> list[dict[str, str]]:
        """What can be drawn: cells, and what the models that are shown see of the atom's surroundings in one step."""
        infos = self.session.data.models
        seen: dict[float, list[str]] = {}
        for name in self.view.models:
            if (cutoff := infos[name].cutoff) is not None:
                most = infos[name].most_neighbours
                seen.setdefault(cutoff, []).append(
                    f"{infos[name].title} (the nearest {most})" if most else infos[name].title
                )
        if not seen:
            return [*CELLS, _within(CUTOFF, "All atoms")]
        return [
            *CELLS,
            *(_within(cutoff, f"What {', '.join(seen[cutoff])} see in one step: all atoms") for cutoff in sorted(seen)),
        ]

    def refresh(self) -> None:
        if self.show not in {option["value"] for option in self.options()}:
            self.show = "cell"
        site = self.view.atom
        if site is None:
            self.panel.data = structure_data(None)
            return
        data = self.session.data
        crystal, atom = data.crystals.place(site)
        shown = self.surroundings(crystal, atom)
        symbol = str(elements.table().symbol[data.numbers[site]])
        self.panel.data = structure_data(
            shown,
            title=str(data.formulas[crystal]),
            note=self._words(symbol, crystal, atom),
            show=self.show,
            options=self.options(),
        )

    def surroundings(self, crystal: int, atom: int) -> Surroundings:
        """What is drawn: at most a few hundred atoms, the nearest to the marked one."""
        atoms = self.session.data.crystals.atoms(crystal)
        if self.show.startswith(NEAR):
            shown = within(atoms, atom, float(self.show.removeprefix(NEAR)))
        else:
            shown = unit_cell(atoms, atom, 2 if self.show == "supercell" else 1)
        return shown.nearest(MOST_ATOMS)

    def _words(self, symbol: str, crystal: int, atom: int) -> str:
        """Counted in the whole crystal: of a marked atom at the edge of a cell, the nearest may not be drawn."""
        reach = float(self.show.removeprefix(NEAR)) if self.show.startswith(NEAR) else CUTOFF
        others = np.sort(within(self.session.data.crystals.atoms(crystal), atom, reach).distance[1:])
        if not len(others):
            return f"{symbol} marked, no atom within {reach:g}\u00a0Å"
        if self.show.startswith(NEAR):
            return f"{symbol} marked, nearest at {others[0]:.2f}\u00a0Å, {len(others)} within {reach:g}\u00a0Å"
        return f"{symbol} marked, nearest atom at {others[0]:.2f}\u00a0Å"

    def _heard(self, intent: dict[str, Any]) -> None:
        if intent.get("kind") == "show" and intent.get("value") in {option["value"] for option in self.options()}:
            self.show = str(intent["value"])
            self.refresh()
        elif intent.get("kind") == "image" and self.view.atom is not None:
            self._step_to(self.view.atom, int(intent["atom"]))

    def _step_to(self, current: int, atom: int) -> None:
        """Another atom of the same crystal was tapped: its site becomes the current one."""
        crystals = self.session.data.crystals
        site = crystals.site_of(crystals.place(current)[0], atom)
        if site is not None:
            self.view.atom = site


def _within(cutoff: float, what: str) -> dict[str, str]:
    return {
        "value": f"{NEAR}{cutoff:g}",
        "label": f"{cutoff:g} Å",
        "title": f"{what} within {cutoff:g} Å of the marked one",
    }
