// Models: the shown ones in the order of the maps, then the others, then the controls
import { button } from "../common/controls.js";
import { menuButton, panel } from "../common/menus.js";
import { h } from "../common/tree.js";

function sendModels(act, names) {
  act.emit("models", { value: names });
}

export function moved(names, name, to) {
  const rest = names.filter((each) => each !== name);
  rest.splice(Math.max(0, Math.min(rest.length, to)), 0, name);
  return rest;
}

function modelWords({ name, title, trained_on, traits, licence }) {
  const facts = [trained_on, traits, licence].filter(Boolean).join(" · ");
  const words = [h("span", { class: "model-title" }, title || name), h("span", { class: "model-facts" }, facts)];
  return h("span", { class: "model-words" }, words);
}

// Why a model cannot be shown, or not be left out
function reasonFor({ name, reason }, shown, slots) {
  const on = shown.includes(name);
  if (reason) return reason;
  if (!on && shown.length >= slots) return `There are ${slots} places; uncheck one first`;
  return on && shown.length === 1 ? "One model has to stay" : "";
}

function modelCheck(model, shown, slots, act) {
  const { name, title } = model;
  const on = shown.includes(name);
  const reason = reasonFor(model, shown, slots);
  const changed = on ? shown.filter((each) => each !== name) : [...shown, name];
  const check = h("input", {
    type: "checkbox",
    checked: on,
    disabled: Boolean(reason),
    "data-test": `model-${name}`,
    "aria-label": `Show ${title || name}`,
    on: { change: () => sendModels(act, changed) },
  });
  return h("label", { class: "model-label", title: reason || null }, check, modelWords(model));
}

function stepButtons({ name, title }, at, shown, act) {
  const step = (by) => () => sendModels(act, moved(shown, name, at + by));
  const last = at === shown.length - 1;
  const up = {
    test: `up-${name}`,
    name: `Move ${title} up`,
    title: "Move up",
    reason: at === 0 ? "Already first" : "",
  };
  const down = {
    test: `down-${name}`,
    name: `Move ${title} down`,
    title: "Move down",
    reason: last ? "Already last" : "",
  };
  return [
    button("↑", { ...up, cls: "quiet step", on: step(-1) }),
    button("↓", { ...down, cls: "quiet step", on: step(1) }),
  ];
}

// Dragged by the mouse: what is dropped on a place takes it.
function drags(name, at, shown, act) {
  const { ui } = act;
  return {
    dragstart({ dataTransfer }) {
      ui.drag = name;
      dataTransfer.effectAllowed = "move";
      dataTransfer.setData("text/plain", name);
    },
    dragover(event) {
      event.preventDefault();
      if (ui.over !== name) act.change({ over: name });
    },
    dragend: () => act.change({ over: null, drag: null }),
    drop(event) {
      event.preventDefault();
      if (ui.drag) sendModels(act, moved(shown, ui.drag, at));
      act.change({ over: null, drag: null });
    },
  };
}

function shownModel(model, at, shown, slots, act) {
  const { name } = model;
  const props = {
    key: `m-${name}`,
    class: `model ${act.ui.over === name ? "over" : ""}`,
    draggable: "true",
    "data-test": `slot-${at + 1}`,
    "data-model": name,
    on: drags(name, at, shown, act),
  };
  const grip = h("span", { class: "grip", "aria-hidden": "true", title: "Drag to another place" }, String(at + 1));
  return h("li", props, grip, modelCheck(model, shown, slots, act), stepButtons(model, at, shown, act));
}

function modelList(title, models, shown, slots, act) {
  if (!models.length) return null;
  const item = (model) =>
    h(
      "li",
      { key: `m-${model.name}`, class: "model off" },
      h("span", { class: "grip" }),
      modelCheck(model, shown, slots, act),
    );
  return [h("h3", { key: `t-${title}` }, title), h("ul", { key: `l-${title}` }, models.map(item))];
}

function modelsPanel({ shown, slots, choices }, act) {
  const known = Object.fromEntries(choices.map((model) => [model.name, model]));
  const left = choices.filter((model) => !shown.includes(model.name));
  const others = left.filter((model) => !model.control);
  const controls = left.filter((model) => model.control);
  const count = h("span", { class: "muted count" }, `${shown.length} of ${slots}`);
  const places = shown.map((name, at) => shownModel(known[name], at, shown, slots, act));
  return [
    h("h3", { key: "head" }, "Shown, in the order of the maps", count),
    h("ol", { key: "shown" }, places),
    modelList("Other models", others, shown, slots, act),
    modelList("Controls (learned nothing)", controls, shown, slots, act),
  ];
}

export function modelsChoice(models, act) {
  if (!models?.choices.length) return null;
  const opener = { id: "models", label: "Models", test: "open-models", title: "Which models, in which order" };
  const props = { role: "dialog", "aria-label": "Models", class: "models", "data-test": "menu-models" };
  const list = panel(act, "models", props, ...modelsPanel(models, act));
  return h("div", { key: "models", class: "choice" }, menuButton(act, opener), list);
}
