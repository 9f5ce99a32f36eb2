import { short } from "../common/numbers.js";
import { h } from "../common/tree.js";

const MANY = 12;

// Of many steps in order every second one is named; the table itself carries the numbers.
const isNamed = (i, { ordered, entries }) => !(ordered && entries.length > MANY && i % 2 === 1);

function scale({ low, high, stops, unit }) {
  const background = `linear-gradient(90deg, ${stops.join(", ")})`;
  return h(
    "div",
    { class: "scale" },
    h("span", { class: "number" }, short(low)),
    h("span", { class: "ramp", style: { background } }),
    h("span", { class: "number" }, short(high)),
    h("span", { class: "muted" }, unit || ""),
  );
}

function swatch({ label, color }, named) {
  const colour = h("i", { style: { background: color } });
  return h("span", { class: "swatch", title: label }, colour, h("span", {}, named ? label : ""));
}

function swatches(legend) {
  const each = legend.entries.map((entry, i) => swatch(entry, isNamed(i, legend)));
  return h("div", { class: `swatches ${legend.ordered ? "ordered" : ""}` }, each);
}

export function legendBox({ title, legend }) {
  const drawn = legend && (legend.kind === "scale" ? scale(legend) : swatches(legend));
  const head = h("div", { class: "legend-title" }, title || "");
  return h("div", { key: "legend", class: "legend", "data-test": "legend" }, head, drawn);
}
