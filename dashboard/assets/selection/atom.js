import { button, segmented } from "../common/controls.js";
import { minus, plural } from "../common/numbers.js";
import { h } from "../common/tree.js";

const CARDS = [
  { value: "facts", label: "Facts" },
  { value: "nearest", label: "Nearest", title: "The atoms most like it in each model, bold where models agree" },
];
const SPLIT = "How far apart the models place this atom, against all others: low means that they agree";
const ENERGY =
  "Models share an energy between atoms in their own ways and from their own zeros: compare atoms within a model, " +
  "not models";

function fact(label, value, test) {
  if (value === null || value === undefined || value === "") return null;
  const props = { key: `d-${test}`, "data-test": `atom-${test}`, title: String(value) };
  return [h("dt", { key: `t-${test}` }, label), h("dd", props, h("bdi", { dir: "ltr" }, value))];
}

function energyRow({ model, energy }) {
  const written = typeof energy === "number" ? minus(energy.toFixed(2)) : "–";
  return h("tr", { key: model }, h("th", { scope: "row", title: model }, model), h("td", { class: "number" }, written));
}

function energies(list) {
  if (!list?.length) return null;
  const words = h("th", { scope: "col", title: ENERGY }, "Site energy, own zeros");
  return h(
    "table",
    { class: "energies", "data-test": "atom-energies" },
    h("caption", { class: "hidden" }, "Site energy by model"),
    h("thead", {}, h("tr", {}, words, h("th", { scope: "col", class: "number" }, "eV"))),
    h("tbody", {}, list.map(energyRow)),
  );
}

function ordinal(n) {
  const tens = n % 100;
  const ending = tens > 10 && tens < 14 ? "th" : ["th", "st", "nd", "rd"][n % 10];
  return `${n}${ending || "th"}`;
}

// How far apart the models place the atom, as its percentile among all
function disagreement(value) {
  if (typeof value !== "number") return null;
  const percentile = Math.round(value);
  const size = percentile < 34 ? "low" : percentile < 67 ? "middling" : "high";
  const track = h("i", { style: { width: `${percentile}%` } });
  return [
    h("dt", { key: "t-split", title: SPLIT }, "Disagreement"),
    h(
      "dd",
      { key: "d-split", "data-test": "atom-disagreement" },
      `${ordinal(percentile)} percentile, ${size}`,
      h("span", { class: "track", "aria-hidden": "true" }, track),
    ),
  ];
}

function factsBox(atom) {
  const list = h(
    "dl",
    {},
    fact("Identifier", atom.id, "id"),
    fact("Prototype", atom.prototype, "prototype"),
    fact("Space group", atom.spacegroup, "spacegroup"),
    fact("Neighbours", atom.coordination, "coordination"),
    disagreement(atom.disagreement),
  );
  return h("div", { key: "facts", class: "facts" }, list, energies(atom.energies));
}

function neighbour({ site, words, others }, act) {
  const title = others ? `Named by ${plural(others, "other model")} too` : "Named by this model alone";
  const on = () => act.emit("row", { site });
  return button(words, { test: `nearest-${site}`, cls: others ? "shared" : "", title, on });
}

function neighbourRow({ model, atoms }, act) {
  const few = atoms.map((each) => neighbour(each, act));
  const cell = h("td", {}, h("div", { class: "few" }, few));
  return h("tr", { key: model }, h("th", { scope: "row", title: model }, model), cell);
}

function nearestBox({ nearest }, act) {
  if (!nearest) return h("p", { key: "looking", class: "muted" }, "Looking for them …");
  const rows = nearest.map((row) => neighbourRow(row, act));
  const caption = h("caption", { class: "muted" }, "Bold: another model names it too");
  return h("table", { key: "nearest", class: "nearest", "data-test": "nearest" }, caption, h("tbody", {}, rows));
}

function noAtom() {
  const words = "Click an atom in a map: it is ringed in all of them, and described here.";
  return [h("b", {}, "No atom chosen"), h("p", { class: "muted" }, words)];
}

function cardHead({ symbol, formula, name }, chosen, act) {
  const group = { id: "card", label: "What is said of the atom", value: chosen, options: CARDS };
  const title = [
    h("b", { "data-test": "atom-title" }, `${symbol} in ${formula}`),
    h("span", { class: "muted" }, ` ${name}`),
  ];
  const tabs = segmented(group, (card) => act.change({ card }));
  return h("div", { class: "card-head" }, h("p", { class: "title" }, title), tabs);
}

// What is known of the current atom, and its nearest ones in each model
export function atomCard(atom, act) {
  const props = { key: "atom", class: "atom surface", "aria-label": "Current atom", "data-test": "atom" };
  if (!atom) return h("section", props, noAtom());
  const chosen = act.ui.card === "nearest" ? "nearest" : "facts";
  const body = chosen === "nearest" ? nearestBox(atom, act) : factsBox(atom);
  return h("section", { ...props, tabindex: "0" }, cardHead(atom, chosen, act), body);
}
