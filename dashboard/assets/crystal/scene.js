// What changes from one crystal, or theme, to the next
import { NO_ATOMS } from "./settings.js";

export function colourOf(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

// Corner 0 … 7 is at 0 or 1 of a, b and c by its bits; two triangles a side
const CORNERS = Array.from({ length: 8 }, (_, corner) => [corner & 1, (corner >> 1) & 1, corner >> 2]);
const SIDES = [
  [0, 1, 3, 0, 3, 2],
  [4, 5, 7, 4, 7, 6],
  [0, 1, 5, 0, 5, 4],
  [2, 3, 7, 2, 7, 6],
  [0, 2, 6, 0, 6, 4],
  [1, 3, 7, 1, 7, 5],
].flat();

// cell : the vectors a, b, c, one after the other; Å
export function cornersOf(cell) {
  const along = (steps, axis) => steps.reduce((sum, step, i) => sum + step * cell[3 * i + axis], 0);
  return CORNERS.map((steps) => [0, 1, 2].map((axis) => along(steps, axis)));
}

export const hasCell = ({ cell }) => cell.some(Boolean);

// Red, green, blue and opacity 0 … 1, linear in light as the widget takes them for edges
function lightOf(hex) {
  return [...[1, 3, 5].map((at) => (Number.parseInt(hex.slice(at, at + 2), 16) / 255) ** 2.2), 1];
}

// The edges of the cell, drawn by us: of a cell that it knows, the widget draws only bonds that stay inside
function cellOf(atoms) {
  if (!hasCell(atoms)) return [];
  const box = { name: "cell", vertices: cornersOf(atoms.cell).flat(), faces: SIDES, color: colourOf("--surface") };
  const edges = { showEdges: true, edgeColor: lightOf(colourOf("--muted")) };
  const unseen = { opacity: 0, depthWrite: false, selectable: false };
  return [{ ...box, ...edges, ...unseen, materialType: "Basic", smoothNormals: false }];
}

const mark = () => ({ indices: [0], scale: 1.5, color: colourOf("--focus"), type: "sphere" });

// The settings of the widget for { atoms, species, bonds }; the first atom is the marked one.
export function shownOf({ atoms, species, bonds }) {
  return {
    speciesSettings: species,
    atoms: { ...atoms, cell: NO_ATOMS.cell },
    bondSettings: bonds,
    anyMesh: cellOf(atoms),
    highlightSettings: atoms === NO_ATOMS ? {} : { marked: mark() },
    js_task: { name: "avr.applyState", args: [{ backgroundColor: colourOf("--surface") }] },
  };
}
