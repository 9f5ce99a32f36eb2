import { told } from "../common/numbers.js";
import { h } from "../common/tree.js";

const WORST_ENERGY = 0.5; // eV per atom, about what composition alone leaves: no colour from here on
const DEEP = 0.55; // from this depth of colour on, light letters

// How a score is read: which of its tables is shown, how a value is written, and how deep its colour is
const SHARE = {
  shown: "mean",
  other: "median",
  nothing: "nothing is left to explain",
  spread: "over the splits",
  write: (value) => told(value),
  depth: (value) => value,
};
const ENERGY = {
  shown: "median",
  other: "mean",
  nothing: "no energies",
  spread: "95 % by the choice of crystals",
  write: (value) => told(1000 * value, "meV"),
  depth: (value) => 1 - value / WORST_ENERGY,
};

function cellWords(table, i, j, reading) {
  if (table[reading.shown][i][j] === null) return reading.nothing;
  const write = (name) => reading.write(table[name][i][j]);
  const spread = `${write("low")} to ${write("high")} ${reading.spread}`;
  return `${write(reading.shown)} (${reading.other} ${write(reading.other)}, ${spread})`;
}

function depthOf(value, reading) {
  return value === null ? 0 : Math.max(0, Math.min(1, reading.depth(value)));
}

function showPair(pairs, i, j, act) {
  if (i === j) return;
  act.emit("pair", { source: pairs.names[i], target: pairs.names[j] });
  act.change({ all: false });
}

function matrixCell(pairs, score, i, j, act) {
  const table = pairs.scores[score];
  const reading = score === "energy_mae" ? ENERGY : SHARE;
  const value = table[reading.shown][i][j];
  const depth = depthOf(value, reading);
  const title = `${pairs.titles[i]} → ${pairs.titles[j]}: ${cellWords(table, i, j, reading)}`;
  const props = {
    type: "button",
    title,
    "aria-label": title,
    "aria-disabled": i === j ? "true" : null,
    class: depth > DEEP ? "deep" : "",
    "data-test": `pair-${pairs.names[i]}-${pairs.names[j]}`,
    style: { background: `color-mix(in srgb, var(--accent) ${Math.round(100 * depth)}%, transparent)` },
    on: { click: () => showPair(pairs, i, j, act) },
  };
  return h("td", { key: j }, h("button", props, value === null ? "–" : reading.write(value)));
}

// Sources as rows, targets as columns
export function matrixTable(pairs, score, act) {
  const { names, titles, controls } = pairs;
  const title = (i) => `${titles[i]}${controls.includes(names[i]) ? " ·" : ""}`;
  const head = names.map((name, j) => h("th", { key: name, scope: "col" }, h("span", {}, title(j))));
  const cells = (i) => names.map((_, j) => matrixCell(pairs, score, i, j, act));
  const rows = names.map((name, i) => h("tr", { key: name }, h("th", { scope: "row" }, title(i)), cells(i)));
  const caption = "Rows are translated into columns. A click shows the pair. · marks a control.";
  return h(
    "div",
    { class: "matrix-room" },
    h(
      "table",
      { class: "matrix", "data-test": "matrix" },
      h("caption", { class: "muted" }, caption),
      h("thead", {}, h("tr", {}, h("th", {}), head)),
      h("tbody", {}, rows),
    ),
  );
}
