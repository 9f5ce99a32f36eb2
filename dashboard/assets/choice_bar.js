import { modelsChoice } from "./bar/models.js";
import { searchBox } from "./bar/search.js";
import { component } from "./common/component.js";
import { button, dropdown, segmented } from "./common/controls.js";
import { menuButton, menuItem, panel } from "./common/menus.js";
import { h } from "./common/tree.js";

function choose(act, id) {
  return (value) => act.emit("choose", { id, value });
}

function menuOf(act, group, id, options) {
  const item = (option) => {
    const { label, value, title: note, disabled, reason } = option;
    const props = { label, note, checked: value === group.value, disabled, reason };
    return menuItem({ ...props, test: `choose-${group.id}-${value}` }, () => {
      act.close(true);
      act.emit("choose", { id: group.id, value });
    });
  };
  const props = { role: "menu", "aria-label": group.label, "data-test": `menu-${id}` };
  return panel(act, id, props, options.map(item));
}

function labelled({ id, label, title }, ...children) {
  const words = h("span", { class: "label", title: title || null }, label);
  return h("div", { key: id, class: "choice", "data-test": `choice-${id}` }, words, ...children);
}

function moreButton(group, id, act) {
  const chosen = group.more.find((option) => option.value === group.value);
  const title = chosen ? chosen.label : `More for ${group.label.toLowerCase()}`;
  return menuButton(act, { id, label: chosen ? chosen.label : "More", test: id, title, on: Boolean(chosen) });
}

function segmentedGroup(group, act) {
  const more = group.more || [];
  const id = `more-${group.id}`;
  const extra = more.length ? moreButton(group, id, act) : null;
  return labelled(group, segmented(group, choose(act, group.id), extra), menuOf(act, group, id, more));
}

function menuGroup(group, act) {
  const { id, title, options, value } = group;
  const chosen = options.find((option) => option.value === value);
  const label = chosen ? chosen.label : String(value || "choose");
  const opener = menuButton(act, { id, label, test: `open-${id}`, title, cls: "chosen" });
  return labelled(group, opener, menuOf(act, group, id, options));
}

function toggleGroup({ id, label, title, value }, act) {
  const on = () => choose(act, id)(!value);
  return h("div", { key: id, class: "choice" }, button(label, { test: `toggle-${id}`, title, pressed: value, on }));
}

function checkbox({ id, label, value }, act) {
  return h("input", {
    type: "checkbox",
    checked: Boolean(value),
    "data-test": `toggle-${id}`,
    "aria-label": label,
    on: { change: (event) => choose(act, id)(event.target.checked) },
  });
}

function select({ id, value, options }, act) {
  const items = options.map((option) => ({ value: option.value, label: option.label, disabled: option.disabled }));
  return dropdown(items, value, choose(act, id), { class: "field", "data-test": `select-${id}` });
}

function panelRow(group, act) {
  const { id, title, label, kind } = group;
  const props = { key: id, class: "row", title: title || null };
  const words = h("span", { class: "label" }, label);
  if (kind === "toggle") return h("label", props, words, checkbox(group, act));
  if (kind === "menu") return h("label", props, words, select(group, act));
  return h("div", props, words, segmented(group, choose(act, id)));
}

function panelGroup({ id, label, title, groups }, act) {
  const props = { role: "dialog", "aria-label": label, class: "rows", "data-test": `menu-${id}` };
  const rows = groups.map((inner) => panelRow(inner, act));
  const opener = menuButton(act, { id, label, test: `open-${id}`, title });
  return h("div", { key: id, class: "choice" }, opener, panel(act, id, props, rows));
}

const GROUPS = { segmented: segmentedGroup, menu: menuGroup, toggle: toggleGroup, panel: panelGroup };

function view(data, _ui, act) {
  const groups = (data.groups || []).map((group) => GROUPS[group.kind](group, act));
  const tail = h(
    "div",
    { key: "tail", class: "tail" },
    modelsChoice(data.models, act),
    searchBox(data.search || {}, act),
  );
  return h("div", { class: "bar", role: "group", "aria-label": "Choices", "data-test": "choice-bar" }, groups, tail);
}

export function render({ model, el }) {
  component(model, el, view);
}
