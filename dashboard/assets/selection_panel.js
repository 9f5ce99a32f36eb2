import { component } from "./common/component.js";
import { button, segmented } from "./common/controls.js";
import { count, plural, short } from "./common/numbers.js";
import { h } from "./common/tree.js";
import { atomCard } from "./selection/atom.js";
import { opens } from "./selection/dialogs.js";
import { insideDialog } from "./selection/inside.js";
import { tableDialog } from "./selection/table.js";

const DRAGS = [
  { value: "lasso", label: "Lasso", title: "Dragging on a map draws a lasso" },
  { value: "box", label: "Box", title: "Dragging on a map draws a box" },
  { value: "pan", label: "Pan", title: "Dragging moves all maps together" },
];
const FIRST = "Draw around atoms in any map: they light up in all of them, and are listed here.";
const THEN =
  "Or press elements in the table, or search for a formula. Shift adds, Alt subtracts; a click on one atom shows " +
  "what it is.";

function bar({ label, count: n, total, colour }, longest) {
  const words = `${label}: ${count(n)} of ${count(total)}`;
  const width = `${(100 * n) / longest}%`;
  const style = colour ? { width, background: colour } : { width };
  return h(
    "div",
    { key: label, class: "row", title: words, role: "img", "aria-label": words },
    h("span", { class: "name" }, label),
    h("span", { class: "track" }, h("i", { style })),
    h("span", { class: "number" }, count(n), h("span", { class: "muted" }, ` of ${count(total)}`)),
  );
}

function bars(title, list, test) {
  const longest = Math.max(1, ...list.map((each) => each.count));
  const rows = list.map((each) => bar(each, longest));
  return h("div", { key: test, class: "bars", "data-test": test }, h("h3", { class: "muted" }, title), rows);
}

function dragChoice(data, act) {
  const group = { id: "drag", label: "What dragging on a map does", value: data.drag, options: DRAGS };
  const reset = { test: "reset-view", title: "Show all of every map", on: () => act.emit("reset") };
  const drag = segmented(group, (value) => act.emit("drag", { value }));
  return h("span", { class: "set" }, drag, button("Reset view", reset));
}

function selectionButtons(data, act) {
  const reason = data.n ? "" : "Nothing is selected";
  const back = data.can_undo ? "" : "Nothing to undo";
  const inside = "Crystals of the selection, and what distinguishes it from the rest";
  const csv = "Save the selected sites with their coordinates";
  const emit = (kind) => () => act.emit(kind);
  return h(
    "span",
    { class: "set" },
    button("Undo", { test: "undo", title: "Back to the selection before", reason: back, on: emit("undo") }),
    button("Clear", { test: "clear", title: "Select nothing", reason, on: emit("clear") }),
    button("Look inside", { test: "inside", title: inside, reason, on: opens("inside", act) }),
    button("Table", { test: "table", title: "The selected sites as a table", reason, on: opens("table", act) }),
    button("CSV", { test: "csv", title: csv, reason, on: emit("csv") }),
  );
}

function suggestion({ words, label, value, n, times }, act) {
  const title = `Select its ${count(n)} atoms (${label}); their mean is ${short(times)} times that of the others`;
  const on = () => act.emit("suggestion", { label, value });
  return button(words, { test: `suggestion-${label}-${value}`, title, on });
}

// Classes of atoms about which the models differ: a first thing to look at
function suggested(data, act) {
  if (!data.suggestions?.length) return null;
  return h(
    "div",
    { key: "suggested", class: "suggested", "data-test": "suggestions" },
    h("span", {}, `Where the models ${data.suggested_by}:`),
    data.suggestions.map((each) => suggestion(each, act)),
  );
}

function noSites() {
  const [ingest, embed] = ["platonic ingest", "platonic embed"].map((command) => h("code", {}, command));
  return h("p", {}, "This atlas has no sites yet. Put crystals in with ", ingest, ", then ", embed, ".");
}

function emptyWords(data, act) {
  const words = data.of === 0 ? noSites() : [h("p", {}, FIRST), suggested(data, act), h("p", {}, THEN)];
  return h("div", { key: "empty", class: "empty muted", "data-test": "selection-empty" }, words);
}

function lists(data) {
  return h(
    "div",
    { key: "lists", class: "lists" },
    bars("by element", data.by_element || [], "by-element"),
    bars("by prototype", data.by_prototype || [], "by-prototype"),
  );
}

function titleOf({ n, crystals }) {
  if (!n) return h("b", {}, "Nothing selected");
  const among = h("span", { class: "muted" }, ` in ${plural(crystals, "crystal")}`);
  return [h("b", {}, `${plural(n, "site")} selected`), among];
}

function selection(data, act) {
  const title = h("p", { class: "title", role: "status", "data-test": "selection-title" }, titleOf(data));
  const actions = h("div", { class: "actions" }, dragChoice(data, act), selectionButtons(data, act));
  const props = { key: "selection", class: "selection surface", "aria-label": "Selection", "data-test": "selection" };
  return h("section", props, h("div", { class: "top" }, title, actions), data.n ? lists(data) : emptyWords(data, act));
}

function view(data, _ui, act) {
  return h(
    "div",
    { class: "split", "data-test": "selection-panel" },
    selection(data, act),
    atomCard(data.atom, act),
    tableDialog(data, act),
    insideDialog(data, act),
  );
}

export function render({ model, el }) {
  component(model, el, view);
}
