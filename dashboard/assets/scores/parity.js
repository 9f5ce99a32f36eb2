// Energies of the stitched model against others, crystal by crystal; a click opens the crystal.
import { button, dialog, segmented } from "../common/controls.js";
import { count, minus, plural } from "../common/numbers.js";
import { h } from "../common/tree.js";

const ROOM = { width: 520, height: 380, left: 52, right: 12, top: 10, bottom: 40 };
const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100];
const FITTING = [
  { value: "fitted", label: "Element energies fitted" },
  { value: "raw", label: "As they are" },
];

// Crystals of which both energies are known; eV per atom
function pointsOf(energies, against, fitted) {
  const other = energies.others[against];
  const stitched = fitted ? other.fitted : energies.stitched;
  const point = (structure, i) => ({ structure, formula: energies.formulas[i], x: other.energies[i], y: stitched[i] });
  return energies.structures.map(point).filter(({ x, y }) => x !== null && y !== null);
}

function ticksOf(low, high) {
  const step = STEPS.find((each) => (high - low) / each <= 9) || 200;
  const ticks = [];
  for (let at = Math.ceil(low / step) * step; at <= high + 1e-9; at += step) ticks.push(Number(at.toFixed(3)));
  return ticks;
}

// The room is that of the energies compared with: one crystal that a readout throws far off would shrink all others.
function scalesOf(points) {
  const { width, height, left, right, top, bottom } = ROOM;
  const own = points.map((each) => each.x);
  const pad = 0.12 * (Math.max(...own) - Math.min(...own) || 1);
  const low = Math.min(...own) - pad;
  const high = Math.max(...own) + pad;
  return {
    low,
    high,
    inside: (value) => Math.max(low, Math.min(high, value)),
    x: (value) => left + ((value - low) / (high - low)) * (width - left - right),
    y: (value) => top + ((high - value) / (high - low)) * (height - top - bottom),
  };
}

function gridAt(tick, { x, y }) {
  const { width, height, left, right, top, bottom } = ROOM;
  const [across, down] = [x(tick), y(tick)];
  const below = { x: across, y: height - bottom + 15, "text-anchor": "middle" };
  const beside = { x: left - 6, y: down + 4, "text-anchor": "end" };
  return [
    h("line", { key: `gx${tick}`, x1: across, x2: across, y1: top, y2: height - bottom, class: "grid" }),
    h("line", { key: `gy${tick}`, x1: left, x2: width - right, y1: down, y2: down, class: "grid" }),
    h("text", { key: `tx${tick}`, ...below }, minus(tick)),
    h("text", { key: `ty${tick}`, ...beside }, minus(tick)),
  ];
}

function dot({ structure, formula, x, y }, scales, label, act) {
  const drawn = scales.inside(y);
  const props = {
    key: structure,
    cx: scales.x(x).toFixed(1),
    cy: scales.y(drawn).toFixed(1),
    r: 3,
    class: y === drawn ? "" : "beyond",
    "data-structure": structure,
    on: { click: () => act.emit("structure", { structure }) },
  };
  const words = `${formula}: ${minus(y.toFixed(3))} stitched, ${minus(x.toFixed(3))} ${label}, eV per atom`;
  return h("circle", props, h("title", {}, words));
}

function beyondWords(points, { inside }) {
  const { width, right, top } = ROOM;
  const beyond = points.filter(({ y }) => y !== inside(y)).length;
  if (!beyond) return null;
  const props = { key: "beyond", x: width - right, y: top + 10, "text-anchor": "end", "data-test": "beyond" };
  return h("text", props, `${plural(beyond, "crystal lies", "crystals lie")} beyond, drawn at the edge`);
}

function axisWords(label) {
  const { width, height, left, right, top, bottom } = ROOM;
  const turned = `translate(13 ${(top + height - bottom) / 2}) rotate(-90)`;
  const axis = { "text-anchor": "middle", class: "axis" };
  return [
    h("text", { x: (left + width - right) / 2, y: height - 6, ...axis }, `${label}, eV per atom`),
    h("text", { x: 0, y: 0, ...axis, transform: turned }, "Stitched, eV per atom"),
  ];
}

function plot(points, label, act) {
  const scales = scalesOf(points);
  const { low, high, x, y } = scales;
  const words = `${count(points.length)} crystals`;
  const props = { class: "parity", role: "img", "aria-label": words, "data-test": "parity-plot" };
  return h(
    "svg",
    { viewBox: `0 0 ${ROOM.width} ${ROOM.height}`, ...props },
    ticksOf(low, high).map((tick) => gridAt(tick, scales)),
    h("line", { x1: x(low), y1: y(low), x2: x(high), y2: y(high), class: "same" }),
    points.map((each) => dot(each, scales, label, act)),
    beyondWords(points, scales),
    axisWords(label),
  );
}

function shiftRow([symbol, energy]) {
  const words = `${energy < 0 ? "−" : "+"}${Math.abs(energy).toFixed(2)}`;
  return h("li", { key: symbol }, h("b", {}, symbol), h("span", {}, words));
}

function fitBox(shifts, fitted) {
  const rows = Object.entries(shifts).sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]));
  const used = fitted ? ", taken away above" : ", not used above";
  const words =
    "Models count energies from different zeros. The difference to the stitched energies is fitted by one energy an " +
    "element, on the crystals of the fit only; eV per atom of the element.";
  return h(
    "details",
    { key: "fit", "data-test": "parity-fit" },
    h("summary", {}, `The fit: ${plural(rows.length, "element energy", "element energies")}${used}`),
    h("p", { class: "muted" }, words),
    h("ul", { class: "shifts" }, rows.map(shiftRow)),
  );
}

function choices(energies, against, fitted, act) {
  const others = Object.keys(energies.others).map((name) => ({ value: name, label: energies.labels[name] }));
  const other = { id: "against", label: "Against", value: against, options: others };
  const shift = { id: "fitted", label: "Element energies", value: fitted ? "fitted" : "raw", options: FITTING };
  return h(
    "div",
    { class: "status" },
    others.length > 1 ? segmented(other, (value) => act.change({ against: value })) : null,
    segmented(shift, (value) => act.change({ fitted: value === "fitted" })),
  );
}

function errorWords(energies, against, fitted) {
  const { value, interval, median } = energies.errors[against][fitted ? "fitted" : "raw"];
  const mev = (energy) => count(Math.round(1000 * energy));
  const alone = energies.elements !== null && against === "target" && fitted;
  return h(
    "p",
    { "data-test": "parity-error" },
    h("b", {}, `Mean error ${mev(value)} meV per atom`),
    ` (95 %: ${mev(interval[0])} to ${mev(interval[1])}), median ${mev(median)}.`,
    alone ? ` With composition alone, no structure: ${mev(energies.elements)}.` : "",
  );
}

export function parityDialog({ energies, title }, ui, act) {
  if (!energies?.structures) return null;
  const names = Object.keys(energies.others);
  const against = names.includes(ui.against) ? ui.against : names[0];
  const fitted = ui.fitted ?? true;
  const close = () => ui.parity && act.change({ parity: false });
  const words = "translated features through the energy readout of the target, for crystals that the fit never saw.";
  const props = { key: "parity", open: Boolean(ui.parity), title: "Energies of the stitched model" };
  return dialog(
    { ...props, test: "parity-dialog", close, cls: "wide" },
    h("p", { class: "muted" }, `${title}: ${words}`),
    choices(energies, against, fitted, act),
    errorWords(energies, against, fitted),
    plot(pointsOf(energies, against, fitted), energies.labels[against], act),
    fitBox(energies.shifts[against], fitted),
  );
}

export function parityButton({ energies }, act) {
  if (!energies?.structures) return null;
  const title = "Energies of the stitched model against others";
  return button("Crystal by crystal", { test: "parity", title, on: () => act.change({ parity: true }) });
}
