// Search: the server answers what is typed with suggestions.
import { modeOf } from "../common/controls.js";
import { later } from "../common/later.js";
import { panel } from "../common/menus.js";
import { h } from "../common/tree.js";

const WAIT = 120; // ms after the last letter

function commit(text, event, act) {
  act.ui.asked?.cancel();
  Object.assign(act.ui, { typed: "", at: -1 });
  act.close();
  act.emit("search", { text, commit: true, mode: modeOf(event) });
  act.change({ asking: true });
}

function typed(event, act) {
  const { ui } = act;
  Object.assign(ui, { typed: event.target.value, at: -1, asking: false });
  ui.asked ??= later((text) => act.emit("search", { text, commit: false, mode: "replace" }), WAIT);
  ui.asked(ui.typed.trim());
  if (!ui.typed) act.close();
}

function forget(act) {
  Object.assign(act.ui, { typed: "", asking: false });
}

function abandon(event, act) {
  forget(act);
  event.target.value = "";
  act.close();
  act.draw();
}

function step(event, by, found, act) {
  event.preventDefault();
  act.change({ at: ((act.ui.at ?? -1) + by + found.length) % found.length });
}

function pressed(event, found, act) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const text = event.target.value.trim();
  if (by && found.length) step(event, by, found, act);
  if (event.key === "Enter" && text) commit(found[act.ui.at]?.value ?? text, event, act);
  if (event.key === "Escape") abandon(event, act);
}

function left(act) {
  forget(act);
  if (act.ui.open === "search") act.close();
}

function field(text, found, open, act) {
  const { at } = act.ui;
  return h("input", {
    type: "text",
    class: "field",
    placeholder: "Find TiO2, Ti-O, iron …",
    "aria-label": "Find formula or element",
    role: "combobox",
    "aria-expanded": String(open),
    "aria-controls": "found",
    "aria-autocomplete": "list",
    "aria-activedescendant": at >= 0 ? `found-${at}` : null,
    autocomplete: "off",
    spellcheck: "false",
    title: "Select by element or formula; Shift adds, Alt subtracts",
    "data-menu": "search",
    "data-test": "search",
    value: text || "",
    on: {
      input: (event) => typed(event, act),
      keydown: (event) => pressed(event, found, act),
      blur: () => left(act),
    },
  });
}

function foundItem({ value, label, note }, at, act) {
  const active = at === act.ui.at;
  const props = {
    key: value,
    id: `found-${at}`,
    class: `item ${active ? "active" : ""}`,
    role: "option",
    "aria-selected": String(active),
    "data-test": `suggestion-${value}`,
    // The field keeps the focus
    on: { mousedown: (event) => event.preventDefault(), click: (event) => commit(value, event, act) },
  };
  return h("div", props, h("span", {}, label), note && h("span", { class: "note" }, note));
}

export function searchBox(search, act) {
  const { ui } = act;
  const found = ui.typed ? search.suggestions || [] : [];
  // What a search came to stays until something else is done
  const answered = Boolean(ui.asking) && Boolean(search.message);
  const open = found.length > 0 || answered;
  if (open) ui.open = "search";
  const items = found.map((each, at) => foundItem(each, at, act));
  const message = answered && h("p", { key: "message", class: "message muted" }, search.message);
  const props = { role: "listbox", id: "found", "aria-label": "Found", "data-test": "suggestions" };
  const list = open && panel(act, "search", props, items, message);
  return h("div", { key: "search", class: "choice search" }, field(search.text, found, open, act), list);
}
