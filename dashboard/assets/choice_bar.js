function choose(act, id) {
  return (value) => act.emit("choose", { id, value });
}

function optionItems(act, group, options) {
  return options.map((option) => menuItem({
    label: option.label, note: option.title, checked: option.value === group.value, disabled: option.disabled,
    reason: option.reason, test: `choose-${group.id}-${option.value}`,
  }, () => { act.close(true); act.emit("choose", { id: group.id, value: option.value }); }));
}

function menuOf(act, group, id, options) {
  return panel(act, id, { role: "menu", "aria-label": group.label, "data-test": `menu-${id}` }, optionItems(act, group, options));
}

function labelled(group, ...children) {
  return h("div", { key: group.id, class: "choice", "data-test": `choice-${group.id}` },
    h("span", { class: "label", title: group.title || null }, group.label), ...children);
}

function segmentedGroup(group, act) {
  const more = group.more || [], id = `more-${group.id}`;
  const chosen = more.find((option) => option.value === group.value);
  const extra = more.length ? menuButton(act, { id, label: chosen ? chosen.label : "More", test: id, title: chosen ? chosen.label : `More for ${group.label.toLowerCase()}`, on: Boolean(chosen) }) : null;
  return labelled(group, segmented(group, choose(act, group.id), extra), menuOf(act, group, id, more));
}

function menuGroup(group, act) {
  const chosen = group.options.find((option) => option.value === group.value);
  const label = chosen ? chosen.label : String(group.value || "choose");
  return labelled(group, menuButton(act, { id: group.id, label, test: `open-${group.id}`, title: group.title, cls: "chosen" }),
    menuOf(act, group, group.id, group.options));
}

function toggleGroup(group, act) {
  return h("div", { key: group.id, class: "choice" }, button(group.label, {
    test: `toggle-${group.id}`, title: group.title, pressed: group.value, on: () => act.emit("choose", { id: group.id, value: !group.value }),
  }));
}

function panelRow(group, act) {
  if (group.kind === "toggle") {
    return h("label", { key: group.id, class: "row", title: group.title || null }, h("span", { class: "label" }, group.label),
      h("input", { type: "checkbox", checked: Boolean(group.value), "data-test": `toggle-${group.id}`, "aria-label": group.label,
        on: { change: (event) => act.emit("choose", { id: group.id, value: event.target.checked }) } }));
  }
  if (group.kind === "menu") {
    return h("label", { key: group.id, class: "row", title: group.title || null }, h("span", { class: "label" }, group.label),
      h("select", { class: "field", value: group.value, "data-test": `select-${group.id}`, on: { change: (event) => act.emit("choose", { id: group.id, value: event.target.value }) } },
        group.options.map((option) => h("option", { key: option.value, value: option.value, disabled: Boolean(option.disabled) }, option.label))));
  }
  return h("div", { key: group.id, class: "row", title: group.title || null }, h("span", { class: "label" }, group.label), segmented(group, choose(act, group.id)));
}

function panelGroup(group, act) {
  return h("div", { key: group.id, class: "choice" },
    menuButton(act, { id: group.id, label: group.label, test: `open-${group.id}`, title: group.title }),
    panel(act, group.id, { role: "dialog", "aria-label": group.label, class: "rows", "data-test": `menu-${group.id}` },
      group.groups.map((inner) => panelRow(inner, act))));
}

const GROUPS = { segmented: segmentedGroup, menu: menuGroup, toggle: toggleGroup, panel: panelGroup };

// Models: the shown ones in the order of the maps, then the others, then the controls

function sendModels(act, names) {
  act.emit("models", { value: names });
}

function moved(names, name, to) {
  const rest = names.filter((each) => each !== name);
  rest.splice(Math.max(0, Math.min(rest.length, to)), 0, name);
  return rest;
}

function modelWords(model) {
  const facts = [model.trained_on, model.traits, model.licence].filter(Boolean).join(" · ");
  return h("span", { class: "model-words" }, h("span", { class: "model-title" }, model.title || model.name), h("span", { class: "model-facts" }, facts));
}

function modelCheck(model, shown, slots, act) {
  const on = shown.includes(model.name);
  const reason = model.reason || (!on && shown.length >= slots ? `There are ${slots} places; uncheck one first` : on && shown.length === 1 ? "One model has to stay" : "");
  return h("label", { class: "model-label", title: reason || null },
    h("input", { type: "checkbox", checked: on, disabled: Boolean(reason), "data-test": `model-${model.name}`, "aria-label": `Show ${model.title || model.name}`,
      on: { change: () => sendModels(act, on ? shown.filter((name) => name !== model.name) : [...shown, model.name]) } }),
    modelWords(model));
}

function shownModel(model, at, shown, slots, act) {
  const { ui } = act;
  const step = (by) => () => sendModels(act, moved(shown, model.name, at + by));
  return h("li", {
    key: `m-${model.name}`, class: `model ${ui.over === model.name ? "over" : ""}`, draggable: "true", "data-test": `slot-${at + 1}`, "data-model": model.name,
    on: {
      dragstart: (event) => { ui.drag = model.name; event.dataTransfer.effectAllowed = "move"; event.dataTransfer.setData("text/plain", model.name); },
      dragover: (event) => { event.preventDefault(); if (ui.over !== model.name) { ui.over = model.name; act.draw(); } },
      dragend: () => { ui.over = ui.drag = null; act.draw(); },
      drop: (event) => { event.preventDefault(); if (ui.drag) sendModels(act, moved(shown, ui.drag, at)); ui.over = ui.drag = null; act.draw(); },
    },
  },
  h("span", { class: "grip", "aria-hidden": "true", title: "Drag to another place" }, String(at + 1)), modelCheck(model, shown, slots, act),
  button("↑", { test: `up-${model.name}`, name: `Move ${model.title} up`, title: "Move up", cls: "quiet step", reason: at === 0 ? "Already first" : "", on: step(-1) }),
  button("↓", { test: `down-${model.name}`, name: `Move ${model.title} down`, title: "Move down", cls: "quiet step", reason: at === shown.length - 1 ? "Already last" : "", on: step(1) }));
}

function modelList(title, models, shown, slots, act) {
  if (!models.length) return null;
  return [h("h3", { key: `t-${title}` }, title), h("ul", { key: `l-${title}` }, models.map((model) =>
    h("li", { key: `m-${model.name}`, class: "model off" }, h("span", { class: "grip" }), modelCheck(model, shown, slots, act))))];
}

function modelsChoice(models, act) {
  if (!models || !models.choices.length) return null;
  const { shown, slots, choices } = models;
  const known = Object.fromEntries(choices.map((model) => [model.name, model]));
  const left = choices.filter((model) => !shown.includes(model.name));
  return h("div", { key: "models", class: "choice" },
    menuButton(act, { id: "models", label: "Models", test: "open-models", title: "Which models, in which order" }),
    panel(act, "models", { role: "dialog", "aria-label": "Models", class: "models", "data-test": "menu-models" },
      h("h3", { key: "head" }, "Shown, in the order of the maps", h("span", { class: "muted count" }, `${shown.length} of ${slots}`)),
      h("ol", { key: "shown" }, shown.map((name, at) => shownModel(known[name], at, shown, slots, act))),
      modelList("Other models", left.filter((model) => !model.control), shown, slots, act),
      modelList("Controls (learned nothing)", left.filter((model) => model.control), shown, slots, act)));
}

// Search: the server answers what is typed with suggestions

function searchBox(search, act) {
  const { ui } = act, found = ui.typed ? search.suggestions || [] : [];
  // What a search came to stays until something else is done
  const answered = Boolean(ui.asking) && Boolean(search.message);
  const open = (Boolean(ui.typed) && found.length > 0) || answered;
  if (open) ui.open = "search";
  const commit = (text, event) => { ui.asked?.cancel(); ui.typed = ""; ui.at = -1; act.close(); ui.asking = true; act.emit("search", { text, commit: true, mode: modeOf(event) }); act.draw(); };
  const keys = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) { event.preventDefault(); ui.at = ((ui.at ?? -1) + step + found.length) % found.length; act.draw(); }
    if (event.key === "Enter" && event.target.value.trim()) commit(found[ui.at]?.value ?? event.target.value.trim(), event);
    if (event.key === "Escape") { ui.typed = ""; ui.asking = false; event.target.value = ""; act.close(); act.draw(); }
  };
  const typed = (event) => {
    ui.typed = event.target.value; ui.at = -1; ui.asking = false;
    ui.asked ??= later((text) => act.emit("search", { text, commit: false, mode: "replace" }), 120);
    ui.asked(ui.typed.trim());
    if (!ui.typed) act.close();
  };
  return h("div", { key: "search", class: "choice search" },
    h("input", { type: "text", class: "field", placeholder: "Find TiO2, Ti-O, iron …", "aria-label": "Find formula or element", role: "combobox",
      "aria-expanded": String(open), "aria-controls": "found", "aria-autocomplete": "list", "aria-activedescendant": ui.at >= 0 ? `found-${ui.at}` : null,
      autocomplete: "off", spellcheck: "false", title: "Select by element or formula; Shift adds, Alt subtracts", "data-menu": "search", "data-test": "search", value: search.text || "",
      on: { input: typed, keydown: keys, blur: () => { ui.typed = ""; ui.asking = false; if (ui.open === "search") act.close(); } } }),
    open && panel(act, "search", { role: "listbox", id: "found", "aria-label": "Found", "data-test": "suggestions" },
      found.map((each, at) => h("div", { key: each.value, id: `found-${at}`, class: `item ${at === ui.at ? "active" : ""}`, role: "option", "aria-selected": String(at === ui.at),
        "data-test": `suggestion-${each.value}`, on: { mousedown: (event) => event.preventDefault(), click: (event) => commit(each.value, event) } },
      h("span", {}, each.label), each.note && h("span", { class: "note" }, each.note))),
      answered && h("p", { key: "message", class: "message muted" }, search.message)));
}

function view(data, ui, act) {
  return h("div", { class: "bar", role: "group", "aria-label": "Choices", "data-test": "choice-bar" },
    (data.groups || []).map((group) => GROUPS[group.kind](group, act)), 
    h("div", { key: "tail", class: "tail" }, modelsChoice(data.models, act), searchBox(data.search || {}, act)));
}

export function render({ model, el }) {
  component(model, el, view);
}
