import { button, segmented } from "../common/controls.js";
import { told } from "../common/numbers.js";
import { h } from "../common/tree.js";
import { benchButton } from "./bench.js";
import { curveBox } from "./curve.js";
import { pairsButton } from "./pairs.js";
import { parityButton } from "./parity.js";

const WORST = "Unseen crystals by the mean error of their atoms, in units of the target’s spread";
const ENERGIES = "Mean error of unseen crystals, per atom. Potentials themselves are 10 to 30 meV from DFT.";

function worstRow({ structure, formula, error }, act) {
  const props = {
    type: "button",
    "data-test": `worst-${structure}`,
    title: "Show this crystal and select its atoms",
    on: { click: () => act.emit("structure", { structure }) },
  };
  const words = [h("span", { class: "words" }, formula), h("span", { class: "number" }, told(error))];
  return h("li", { key: structure }, h("button", props, words));
}

function worstBox(data, act) {
  const rows = data.worst.map((each) => worstRow(each, act));
  return [h("p", { key: "what" }, WORST), h("ul", { key: "worst", class: "worst", "data-test": "worst" }, rows)];
}

export function offerButton({ offer }, act) {
  if (!offer) return null;
  const on = () => act.emit("method", { method: offer.method });
  return button(offer.label, { test: "offer", title: offer.title, on });
}

function factList(facts) {
  if (!facts.length) return null;
  const rows = facts.map(([name, value]) => [
    h("dt", { key: `n-${name}` }, name),
    h("dd", { key: `v-${name}` }, value),
  ]);
  return [h("p", { key: "what" }, ENERGIES), h("dl", { key: "facts", class: "facts", "data-test": "facts" }, rows)];
}

function energiesBox(data, act) {
  return [
    factList(data.facts),
    data.note ? h("p", { key: "note", "data-test": "note" }, data.note) : null,
    data.offer ? h("div", { key: "more", class: "status wrap" }, offerButton(data, act)) : null,
  ];
}

function partsOf(data, act) {
  const energies = data.facts.length || data.note || data.offer;
  const curve = curveBox(data.curve);
  return [
    energies && { value: "energies", label: "Energies", body: energiesBox(data, act) },
    curve && { value: "curve", label: "Curve", body: curve },
    data.worst.length && { value: "worst", label: "Worst crystals", body: worstBox(data, act) },
  ].filter(Boolean);
}

// What else there is to a scored stitch, one at a time, and the ways to what lies beyond it.
export function moreBox(data, ui, act) {
  const parts = partsOf(data, act);
  const chosen = parts.find(({ value }) => value === ui.part) ||
    parts[0] || { value: "none", label: "More", body: null };
  const group = { id: "part", label: "More", value: chosen.value, options: parts };
  const ways = [parityButton(data, act), pairsButton(act), benchButton(act)];
  return h(
    "section",
    { key: "more", class: "more", "aria-label": chosen.label },
    parts.length ? segmented(group, (part) => act.change({ part })) : null,
    h("div", { key: `part-${chosen.value}`, class: "part" }, chosen.body),
    h("div", { key: "ways", class: "status wrap" }, ways),
  );
}
