// Three environments on a bench, the atoms nearest to a - b + c, and how often such sums come out.
import { button, dialog, dropdown } from "../common/controls.js";
import { minus } from "../common/numbers.js";
import { h } from "../common/tree.js";
import { sumsTable } from "./sums.js";

const SLOTS = [
  { slot: "a", before: "" },
  { slot: "b", before: "−" },
  { slot: "c", before: "+" },
];

function slotField(slot, placed, bench, act) {
  return h("input", {
    key: `text-${placed?.site}`,
    type: "text",
    placeholder: bench.hint,
    "aria-label": `Environment ${slot}`,
    "data-test": `slot-text-${slot}`,
    on: { change: (event) => act.emit("bench_text", { slot, text: event.target.value }) },
  });
}

function currentButton(slot, { current }, act) {
  return button("Current", {
    test: `slot-current-${slot}`,
    title: current ? `Take ${current.words}` : null,
    reason: current ? "" : "Tap an atom on a map first",
    on: () => act.emit("bench_current", { slot }),
  });
}

function slotBox({ slot, before }, bench, act) {
  const placed = bench.slots[slot];
  const words = h("span", { "data-test": `slot-${slot}` }, placed ? placed.words : "nothing yet");
  const pick = [slotField(slot, placed, bench, act), currentButton(slot, bench, act)];
  return h(
    "div",
    { key: slot, class: "slot" },
    h("span", { class: "sign", "aria-hidden": "true" }, before),
    h(
      "div",
      { class: "card" },
      h("div", { class: "words" }, h("span", { class: "muted" }, slot), " ", words),
      h("div", { class: "pick" }, pick),
    ),
  );
}

function matchesBox({ matches }, act) {
  if (!matches) return null;
  const { slot, sites } = matches;
  const take = (site) => act.emit("bench_site", { slot, site });
  const ways = sites.map(({ site, words }) => button(words, { test: `match-${site}`, on: () => take(site) }));
  const question = h("span", { class: "muted" }, `Which one for ${slot}?`);
  return h("div", { key: "matches", class: "matches", "data-test": "matches" }, question, ways);
}

function modelChoice(which, words, bench, act) {
  const label = (each) => (each.control ? `${each.label} (control)` : each.label);
  const options = bench.models.map((each) => ({ value: each.value, label: label(each) }));
  const choose = (name) => act.emit("bench_model", { which, name });
  const choice = dropdown(options, bench[which], choose, { "data-test": `bench-${which}` });
  return h("label", { key: which }, words, choice);
}

function verdict({ right, element }, wanted) {
  if (right) return "the very atom";
  if (element) return "right element";
  return wanted ? "another element" : "";
}

function showAtom(site, act) {
  act.emit("bench_close");
  act.emit("site", { site });
  act.change({ bench: false });
}

function answer(each, test, bench, act) {
  const { site, right, element, words, cosine } = each;
  const props = {
    type: "button",
    class: right ? "right" : "",
    "data-test": `${test}-${site}`,
    title: "Show this atom",
    on: { click: () => showAtom(site, act) },
  };
  const row = [
    h("span", { class: "words" }, words),
    h("span", { class: `mark ${right || element ? "" : "muted"}` }, verdict(each, bench.wanted)),
    h("span", { class: "number" }, minus(cosine.toFixed(2))),
  ];
  return h("li", { key: site }, h("button", props, row));
}

function answerBox(title, answers, test, bench, act) {
  const cosine = h("span", { class: "muted", title: "1: the same direction from the middle of all atoms" }, "cosine");
  return h(
    "section",
    { key: test },
    h("div", { class: "answer-head" }, h("h3", {}, title), cosine),
    h(
      "ol",
      { class: "answers", "data-test": test },
      answers.map((each) => answer(each, test, bench, act)),
    ),
  );
}

function answersBox(bench, act) {
  if (bench.wait) return h("p", { key: "none", "data-test": "bench-wait" }, bench.wait);
  return h(
    "div",
    { key: "read", class: "read" },
    answerBox("Nearest to a − b + c", bench.sum, "sum", bench, act),
    answerBox("Nearest to c alone", bench.alone, "alone", bench, act),
  );
}

function wantedWords({ wanted, sum }) {
  if (!wanted) return null;
  const missed = sum && !sum.some((each) => each.right);
  const words = `Should lead to ${wanted.words}${missed ? ", which is not among the five" : ""}`;
  return h("p", { key: "wanted", class: "muted", "data-test": "wanted" }, words);
}

function problemWords({ problem }) {
  return problem ? h("p", { key: "problem", role: "status", "data-test": "bench-problem" }, problem) : null;
}

function models(bench, act) {
  return h(
    "div",
    { class: "status" },
    modelChoice("source", "Sum in the space of", bench, act),
    modelChoice("target", "nearest atoms in", bench, act),
    button("Another example", { test: "bench-example", on: () => act.emit("bench_example") }),
  );
}

function closeBench(ui, act) {
  if (!ui.bench) return;
  act.emit("bench_close");
  act.change({ bench: false });
}

export function benchDialog({ bench }, ui, act) {
  if (!bench?.slots) return null;
  const words =
    "a − b exchanges an element in one crystal; added to c, it should make the same exchange in the crystal of c.";
  const props = { key: "bench", open: Boolean(ui.bench), title: "Arithmetic of environments", test: "bench-dialog" };
  return dialog(
    { ...props, close: () => closeBench(ui, act), cls: "wide bench-room" },
    h("p", { class: "muted" }, words),
    h(
      "div",
      { class: "bench" },
      SLOTS.map((each) => slotBox(each, bench, act)),
    ),
    matchesBox(bench, act),
    problemWords(bench),
    models(bench, act),
    wantedWords(bench),
    answersBox(bench, act),
    sumsTable(bench, act),
  );
}

export function benchButton(act) {
  const on = () => {
    act.emit("bench");
    act.change({ bench: true });
  };
  return button("Arithmetic", { test: "bench", title: "Add and subtract environments", on });
}
