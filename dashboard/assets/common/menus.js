import { h } from "./tree.js";

export const FOCUSABLE = [
  "button:not([disabled]):not([tabindex='-1'])",
  "input:not([disabled])",
  "select:not([disabled])",
  "[tabindex='0']",
].join(", ");

const GAP = 4; // px between a button and its panel
const EDGE = 8; // px between a panel and the window's edge

// A panel in the top layer, under (or above) the button that opened it and inside the window: nothing can clip it.
export function place(panel) {
  if (!panel.matches(":popover-open")) panel.showPopover();
  const opener = `[data-menu="${CSS.escape(panel.dataset.menu)}"]:not([popover])`;
  const button = panel.getRootNode().querySelector(opener);
  if (!button) return;
  const at = button.getBoundingClientRect();
  panel.style.minWidth = `${at.width}px`;
  panel.style.maxHeight = `${Math.max(120, Math.max(innerHeight - at.bottom, at.top) - 2 * EDGE)}px`;
  const { offsetWidth: width, offsetHeight: height } = panel;
  const rightmost = document.documentElement.clientWidth - width - EDGE;
  panel.style.left = `${Math.max(EDGE, Math.min(at.left, rightmost))}px`;
  const below = at.bottom + GAP + height <= innerHeight - GAP;
  panel.style.top = `${below ? at.bottom + GAP : Math.max(GAP, at.top - height - GAP)}px`;
}

export function menuKeys(event, act) {
  if (!act.ui.open) return;
  if (event.key === "Escape") {
    event.stopPropagation();
    act.close(true);
    return;
  }
  const menu = event.target.closest("[role=menu]");
  const step = { ArrowDown: 1, ArrowUp: -1, Home: "first", End: "last" }[event.key];
  if (!menu || !step) return;
  event.preventDefault();
  const items = [...menu.querySelectorAll("[role^=menuitem]")];
  items[reached(items.indexOf(event.target), step, items.length)]?.focus();
}

function reached(at, step, n) {
  if (step === "first") return 0;
  return step === "last" ? n - 1 : (at + step + n) % n;
}

export function menuButton(act, { id, label, test, title, on = false, cls = "", reason = "" }) {
  const props = {
    key: `open-${id}`,
    type: "button",
    class: `button ${on ? "on" : ""} ${cls}`,
    "data-menu": id,
    "data-test": test,
    "aria-haspopup": "true",
    "aria-expanded": String(act.ui.open === id),
    "aria-disabled": reason ? "true" : null,
    title: reason || title || null,
    on: { click: () => reason || act.open(id) },
  };
  const caret = h("span", { class: "caret", "aria-hidden": "true" }, "▾");
  return h("button", props, h("span", { class: "words" }, label), caret);
}

export function panel(act, id, props, ...children) {
  if (act.ui.open !== id) return null;
  const own = { key: `panel-${id}`, popover: "manual", "data-menu": id };
  return h("div", { ...own, ...props, class: `panel ${props.class || ""}` }, ...children);
}

// checked : undefined for an item that only does something
export function menuItem({ label, note, checked, disabled, reason, test }, choose) {
  const choice = checked !== undefined;
  const props = {
    key: `item-${test}`,
    type: "button",
    class: "item",
    role: choice ? "menuitemradio" : "menuitem",
    "aria-checked": choice ? String(Boolean(checked)) : null,
    "aria-disabled": disabled ? "true" : null,
    title: disabled ? reason || "Not available" : null,
    "data-test": test,
    on: { click: (event) => disabled || choose(event) },
  };
  const words = (disabled && reason) || note;
  return h(
    "button",
    props,
    choice ? h("span", { class: "tick", "aria-hidden": "true" }, checked ? "✓" : "") : null,
    h("span", { class: "words" }, label),
    words && h("span", { class: "note" }, words),
  );
}
