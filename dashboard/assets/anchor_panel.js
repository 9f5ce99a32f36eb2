import { coverageBox } from "./anchors/coverage.js";
import { anchorBoxes, curveBox } from "./anchors/examined.js";
import { agreementBoxes, besideChoice, labStatus, NOTHING, redundancyBox } from "./anchors/laboratory.js";
import { numberLine } from "./anchors/number.js";
import { component } from "./common/component.js";
import { button, dropdown, progressBar, segmented } from "./common/controls.js";
import { count } from "./common/numbers.js";
import { h } from "./common/tree.js";

const REFERENCE = "The model whose features the strategy looks at";

function choiceField(act, { kind, label, value, options, title }) {
  const chosen = options.find((option) => option.value === value);
  const props = { class: "field", "data-test": `anchor-${kind}`, "aria-label": label };
  const field = dropdown(options, value, (name) => act.emit(kind, { value: name }), props);
  const tip = title || chosen?.title || null;
  return h("label", { key: kind, class: "line", title: tip }, h("span", { class: "label" }, label), field);
}

function seedLine(data, act) {
  const reason = data.strategy === "hand" ? "Nothing is drawn at random by hand" : "";
  const title = reason || "The same seed gives the same anchors";
  const seed = (event) => Math.max(0, Math.round(Number(event.target.value) || 0));
  const field = h("input", {
    type: "number",
    class: "field number seed",
    min: 0,
    step: 1,
    value: String(data.seed),
    disabled: Boolean(reason),
    "data-test": "anchor-seed",
    "aria-label": "Seed",
    on: { change: (event) => act.emit("seed", { value: seed(event) }) },
  });
  return h("label", { key: "seed", class: "line", title }, h("span", { class: "label" }, "Seed"), field);
}

function sendWords(act, { kind, test, send }) {
  const field = act.root.querySelector(`[data-test="${test}"]`);
  const text = field.value.trim();
  if (!text) {
    field.focus();
    return;
  }
  act.emit(kind, send(text));
  field.value = "";
}

function wordField(act, { kind, label, placeholder, test, action, send }) {
  const run = () => sendWords(act, { kind, test, send });
  const field = h("input", {
    type: "text",
    class: "field grow",
    placeholder,
    "data-test": test,
    "aria-label": label,
    autocomplete: "off",
    spellcheck: "false",
    on: { keydown: (event) => event.key === "Enter" && run() },
  });
  const go = button(action, { test: `${test}-go`, on: run });
  return h("div", { key: kind, class: "line" }, h("span", { class: "label" }, label), field, go);
}

function handLine({ n_selected: n }, act) {
  const use = button(n ? `Use the selection (${count(n)})` : "Use the selection", {
    test: "use-selection",
    title: "Make the selected sites the anchors",
    reason: n ? "" : "Nothing is selected",
    on: () => act.emit("use_selection"),
  });
  const hint = h("span", { class: "muted hint" }, "or tap atoms on the maps");
  return h("div", { key: "hand", class: "line" }, h("span", { class: "label" }, "By hand"), use, hint);
}

function computing({ text, fraction, cancellable }, act) {
  const cancel = cancellable && button("Cancel", { test: "anchor-cancel", on: () => act.emit("cancel") });
  return [h("span", {}, text), progressBar(fraction, text), cancel];
}

function statusLine({ progress, message }, act) {
  const words = message ? h("span", { class: "wrong" }, message) : null;
  const props = { key: "status", class: "line status", role: "status", "data-test": "anchor-status" };
  return h("div", props, progress ? computing(progress, act) : words);
}

function settings(data, act) {
  const { strategy, strategies: options = [], reference, references = [] } = data;
  const model = { kind: "reference", label: "Reference", value: reference, options: references, title: REFERENCE };
  const paste = { kind: "paste", label: "Elements", placeholder: "Fe Ni O …", test: "anchor-paste", action: "Take" };
  return h(
    "section",
    { key: "settings", class: "settings", "aria-label": "Choose anchors" },
    h("h2", {}, "Choose anchors"),
    choiceField(act, { kind: "strategy", label: "Strategy", value: strategy, options }),
    numberLine(data, act),
    h("div", { key: "pair", class: "pair" }, choiceField(act, model), seedLine(data, act)),
    wordField(act, { ...paste, send: (text) => ({ text }) }),
    handLine(data, act),
    statusLine(data, act),
  );
}

function forgetButton({ name }, act) {
  const title = `Take ${name} away`;
  const on = () => act.emit("forget", { name });
  return button("Forget", { test: `forget-${name}`, name: `Forget ${name}`, title, cls: "quiet", on });
}

function backButton({ name }, act) {
  const on = () => act.emit("choose_set", { name });
  return button("Go back", { test: `set-${name}`, name: `Go back to ${name}`, title: `Use ${name}`, on });
}

function setItem(set, data, act) {
  const { name, note, kept, number } = set;
  const now = name === data.current;
  const title = [name, note || (kept ? "kept here" : "came with the atlas")].join(" · ");
  return h(
    "li",
    { key: name, class: `set ${now ? "now" : ""}` },
    h("span", { class: "set-name", title }, name),
    kept ? forgetButton(set, act) : h("span", {}),
    h("span", { class: "number" }, count(number)),
    now ? h("span", { class: "in-use", "data-test": "set-in-use" }, "in use") : backButton(set, act),
  );
}

function setsHead({ sets, current }) {
  const named = sets?.some(({ name }) => name === current);
  const inUse = h("span", { class: "muted" }, ` ${current || "none"} in use`);
  return h("h2", {}, "Sets", named ? null : inUse);
}

function setsBox(data, act) {
  const list = { class: "set-list", "data-test": "sets", tabindex: "0", "aria-label": "Sets of anchors" };
  const items = (data.sets || []).map((set) => setItem(set, data, act));
  const keep = { kind: "keep", label: "Name", placeholder: "my anchors", test: "anchor-name", action: "Keep" };
  return h(
    "section",
    { key: "sets", class: "sets", "aria-label": "Sets" },
    setsHead(data),
    h("ul", list, items),
    wordField(act, { ...keep, send: (name) => ({ name }) }),
  );
}

const TABS = [
  { value: "choose", label: "Choose" },
  { value: "agreement", label: "Agreement", title: "How far the models agree, beside the controls" },
  { value: "redundancy", label: "Redundancy", title: "How much the anchors repeat each other" },
  { value: "influence", label: "Each anchor", title: "How agreement changes when it is left out" },
  { value: "curve", label: "Random sets", title: "Agreement over the number of anchors" },
];

// The server measures only while somebody looks
function turnTo(tab, data, act) {
  act.change({ tab });
  if (data.measuring !== (tab !== "choose")) act.emit("measure", { value: tab !== "choose" });
}

function laboratory(data, tab, act) {
  const lab = data.laboratory;
  if (!lab) return h("p", { class: "muted lab-words" }, data.measuring ? NOTHING : "Measuring …");
  if (lab.waiting) return h("p", { class: "muted lab-words", role: "status" }, "Measuring models and controls …");
  const boxes = { agreement: agreementBoxes, redundancy: redundancyBox, influence: anchorBoxes, curve: curveBox }[tab](
    lab,
    act,
  );
  return [
    h("div", { key: tab, class: `columns lab ${tab}`, "data-test": `lab-${tab}-boxes` }, boxes),
    labStatus(lab, act),
  ];
}

function tabsLine(data, tab, act) {
  const group = { id: "lab", label: "Anchors", value: tab, options: TABS };
  const beside = tab !== "choose" && data.sets?.length ? besideChoice(data, data.laboratory, act) : null;
  return h(
    "div",
    { key: "tabs", class: "tabs" },
    segmented(group, (value) => turnTo(value, data, act)),
    beside,
  );
}

function view(data, ui, act) {
  const tab = ui.tab || "choose";
  const choosing = [settings(data, act), setsBox(data, act), coverageBox(data.coverage)];
  const body = tab === "choose" ? h("div", { key: "choose", class: "columns" }, choosing) : laboratory(data, tab, act);
  return h("div", { class: "surface all", "data-test": "anchor-panel" }, tabsLine(data, tab, act), body);
}

export function render({ model, el }) {
  component(model, el, view, {
    // What was asked is shown until the server answers
    changed(act) {
      if (!act.ui.held) act.ui.number = undefined;
      act.ui.beside = undefined;
      act.draw();
    },
  });
}
