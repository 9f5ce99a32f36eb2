import { h } from "./tree.js";

// What a click does to a selection
export const modeOf = (event) => (event.altKey ? "subtract" : event.shiftKey ? "add" : "replace");

function segment(option, { id, value }, choose) {
  const props = {
    key: option.value,
    type: "button",
    class: "segment",
    "aria-pressed": String(option.value === value),
    "aria-disabled": option.disabled ? "true" : null,
    title: (option.disabled && option.reason) || option.title || null,
    "data-test": `choose-${id}-${option.value}`,
    on: { click: () => option.disabled || choose(option.value) },
  };
  return h("button", props, option.label);
}

export function segmented(group, choose, ...extra) {
  const { id, label, options, test } = group;
  const props = {
    key: `seg-${id}`,
    class: "segmented",
    role: "group",
    "aria-label": label,
    "data-test": test || `group-${id}`,
  };
  const segments = options.map((option) => segment(option, group, choose));
  return h("div", props, segments, extra);
}

export function button(label, { test, title, reason, cls = "", on, pressed, name }) {
  const props = {
    key: `button-${test}`,
    type: "button",
    class: `button ${cls}`,
    "data-test": test,
    title: reason || title || null,
    "aria-label": name || null,
    "aria-disabled": reason ? "true" : null,
    "aria-pressed": pressed === undefined ? null : String(Boolean(pressed)),
    on: { click: (event) => reason || on(event) },
  };
  return h("button", props, label);
}

const optionOf = ({ value, label, disabled, reason, title }) =>
  h("option", { key: value, value, disabled: Boolean(disabled), title: reason || title || null }, label);

export function dropdown(options, value, choose, props) {
  const on = { change: (event) => choose(event.target.value) };
  return h("select", { ...props, value, on }, options.map(optionOf));
}

// How far work has come; `fraction` null where nobody knows
export const progressBar = (fraction, label) =>
  h("progress", { max: "1", value: fraction ?? null, "aria-label": label });

// A line that says what is computed, and ends it. stop : { test, on }, or false where it cannot be ended
export function waiting({ key, text, label = text, fraction }, stop) {
  const cancel = stop && button("Cancel", stop);
  return h("div", { key, class: "status", role: "status" }, h("span", {}, text), progressBar(fraction, label), cancel);
}

// A modal dialog that is there while `open` is true; where it was opened from gets the focus back.
export function dialog({ key, open, title, test, close, cls = "" }, ...children) {
  if (!open) return null;
  const mount = (dom) => {
    dom._back = dom.getRootNode().activeElement;
    dom.showModal();
  };
  const click = (event) => event.target.localName === "dialog" && close();
  const shut = button("Close", { test: `${test}-close`, title: "Close (Escape)", on: close });
  const sheet = [
    h("div", { class: "sheet-head" }, h("h2", {}, title), shut),
    h("div", { class: "sheet-body", tabindex: "0" }, ...children),
  ];
  const on = { close, cancel: close, click };
  return h(
    "dialog",
    { key, class: cls, "aria-label": title, "data-test": test, mount, on },
    h("div", { class: "sheet" }, sheet),
  );
}
