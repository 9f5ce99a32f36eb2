// Precedes every component's own text in one module: a small tree of elements that is patched in place, so that a
// new `data` never takes focus, scroll, a drag or an open menu away. Text from files only ever becomes text nodes.
const SVG_TAGS = new Set(["svg", "rect", "path", "line", "g", "circle", "text", "title"]);
const AS_PROPERTY = new Set(["value", "checked", "disabled", "indeterminate"]);

function h(tag, props, ...children) {
  const shown = children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false && c !== true);
  return { tag, props: props || {}, children: shown };
}

function create(node) {
  if (typeof node !== "object") return document.createTextNode(String(node));
  const made = SVG_TAGS.has(node.tag)
    ? document.createElementNS("http://www.w3.org/2000/svg", node.tag)
    : document.createElement(node.tag);
  made._key = node.props.key ?? null;
  made._on = {};
  made._props = {};
  return made;
}

function fits(dom, node) {
  if (!dom) return false;
  if (typeof node !== "object") return dom.nodeType === Node.TEXT_NODE;
  return dom.localName === node.tag && (dom._key ?? null) === (node.props.key ?? null);
}

function setProperty(dom, name, value) {
  const focused = dom.getRootNode().activeElement === dom;
  if (name === "value" && focused && dom.type !== "range" && dom.localName === "input") return;
  if (name === "value" && dom._held) return;
  if (dom[name] !== value) dom[name] = value ?? (name === "value" ? "" : false);
}

function setStyle(dom, style) {
  for (const name of Object.keys(dom._props.style || {})) if (!(name in style)) dom.style.removeProperty(name);
  for (const [name, value] of Object.entries(style)) dom.style.setProperty(name, value);
}

function setProps(dom, props) {
  for (const name of Object.keys(dom._props)) if (!(name in props)) dom.removeAttribute(name);
  for (const [name, value] of Object.entries(props)) {
    if (name === "key" || name === "mount" || name === "on") continue;
    if (name === "style") setStyle(dom, value || {});
    else if (AS_PROPERTY.has(name)) setProperty(dom, name, value);
    else if (dom._props[name] === value) continue;
    else if (value === null || value === undefined || value === false) dom.removeAttribute(name);
    else dom.setAttribute(name, value === true ? "" : String(value));
  }
  const on = props.on || {};
  for (const type of Object.keys(on)) {
    if (!(type in dom._on)) dom.addEventListener(type, (event) => dom._on[type]?.(event));
  }
  for (const type of Object.keys(dom._on)) if (!(type in on)) dom._on[type] = null;
  Object.assign(dom._on, on);
  dom._props = props;
}

function patch(parent, nodes) {
  nodes.forEach((node, i) => {
    let dom = parent.childNodes[i];
    if (!fits(dom, node)) {
      const key = node?.props?.key;
      const kept = key === undefined ? null : [...parent.childNodes].find((c) => fits(c, node));
      dom = parent.insertBefore(kept || create(node), dom || null);
      dom._new = !kept;
    }
    if (typeof node !== "object") {
      if (dom.data !== String(node)) dom.data = String(node);
      return;
    }
    if (node.tag !== "select") setProps(dom, node.props);
    patch(dom, node.children);
    if (node.tag === "select") setProps(dom, node.props); // its value needs its options
    if (dom._new && node.props.mount) node.props.mount(dom);
    dom._new = false;
  });
  while (parent.childNodes.length > nodes.length) {
    const gone = parent.lastChild;
    gone.remove();
    gone._back?.focus?.();
  }
}

const FOCUSABLE = "button:not([disabled]):not([tabindex='-1']), input:not([disabled]), select:not([disabled]), [tabindex='0']";

// view(data, ui, act) -> nodes; `ui` is what only the browser knows; act.emit sends an intent, act.draw draws again.
function component(model, el, view, { started, changed } = {}) {
  const root = document.createElement("div");
  root.className = "root";
  el.append(root);
  const ui = { open: null };
  const ends = [];
  let counter = 0;
  const act = {
    root,
    ui,
    data: () => model.data || {},
    emit: (kind, rest = {}) => model.send_msg({ kind, ...rest, n: Date.now() * 100 + (counter++ % 100) }),
    draw() {
      const inside = root.getRootNode();
      const focused = inside.activeElement;
      patch(root, h("", {}, view(act.data(), ui, act)).children);
      for (const panel of root.querySelectorAll("[popover]")) place(panel);
      if (focused && focused.isConnected && inside.activeElement !== focused) focused.focus({ preventScroll: true });
    },
    open(id) {
      ui.open = ui.open === id ? null : id;
      act.draw();
      const panel = ui.open && root.querySelector(`[popover][data-menu="${CSS.escape(ui.open)}"]`);
      (panel?.querySelector("[aria-checked=true]") || panel?.querySelector(FOCUSABLE))?.focus({ preventScroll: true });
    },
    close(refocus = false) {
      const id = ui.open;
      if (!id) return;
      ui.open = null;
      act.draw();
      if (refocus) root.querySelector(`button[data-menu="${CSS.escape(id)}"]`)?.focus();
    },
    // `type` on `target` until the component goes
    listen(target, type, heard, options) {
      target.addEventListener(type, heard, options);
      ends.push(() => target.removeEventListener(type, heard, options));
    },
  };
  act.listen(document, "pointerdown", (event) => {
    if (ui.open && !event.composedPath().some((n) => n.dataset?.menu === ui.open)) act.close();
  }, true);
  act.listen(window, "resize", () => act.close());
  root.addEventListener("keydown", (event) => menuKeys(event, act));
  model.on("data", () => {
    act.draw();
    changed?.(act);
  });
  model.on("remove", () => ends.forEach((end) => end()));
  act.draw();
  started?.(act);
  return act;
}

// A panel in the top layer, under (or above) the button that opened it and inside the window: nothing can clip it.
function place(panel) {
  if (!panel.matches(":popover-open")) panel.showPopover();
  const button = panel.getRootNode().querySelector(`[data-menu="${CSS.escape(panel.dataset.menu)}"]:not([popover])`);
  if (!button) return;
  const at = button.getBoundingClientRect();
  panel.style.minWidth = `${at.width}px`;
  panel.style.maxHeight = `${Math.max(120, Math.max(innerHeight - at.bottom, at.top) - 16)}px`;
  const { offsetWidth: width, offsetHeight: height } = panel;
  panel.style.left = `${Math.max(8, Math.min(at.left, document.documentElement.clientWidth - width - 8))}px`;
  const below = at.bottom + 4 + height <= innerHeight - 4;
  panel.style.top = `${below ? at.bottom + 4 : Math.max(4, at.top - height - 4)}px`;
}

function menuKeys(event, act) {
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
  const at = items.indexOf(event.target);
  const next = step === "first" ? 0 : step === "last" ? items.length - 1 : (at + step + items.length) % items.length;
  items[next]?.focus();
}

function menuButton(act, { id, label, test, title, on = false, cls = "", reason = "" }) {
  return h("button", {
    key: `open-${id}`, type: "button", class: `button ${on ? "on" : ""} ${cls}`, "data-menu": id, "data-test": test,
    "aria-haspopup": "true", "aria-expanded": String(act.ui.open === id), "aria-disabled": reason ? "true" : null,
    title: reason || title || null, on: { click: () => reason || act.open(id) },
  }, h("span", { class: "words" }, label), h("span", { class: "caret", "aria-hidden": "true" }, "▾"));
}

function panel(act, id, props, ...children) {
  if (act.ui.open !== id) return null;
  return h("div", { key: `panel-${id}`, popover: "manual", "data-menu": id, ...props, class: `panel ${props.class || ""}` }, ...children);
}

function menuItem({ label, note, checked, disabled, reason, test, radio = true }, choose) {
  return h("button", {
    key: `item-${test}`, type: "button", class: "item", role: checked === undefined ? "menuitem" : radio ? "menuitemradio" : "menuitemcheckbox",
    "aria-checked": checked === undefined ? null : String(Boolean(checked)), "aria-disabled": disabled ? "true" : null,
    title: disabled ? reason || "Not available" : null, "data-test": test, on: { click: (event) => disabled || choose(event) },
  },
  checked === undefined ? null : h("span", { class: "tick", "aria-hidden": "true" }, checked ? "✓" : ""),
  h("span", { class: "words" }, label), (note || (disabled && reason)) && h("span", { class: "note" }, disabled && reason ? reason : note));
}

function segmented({ id, label, value, options, test }, choose, ...extra) {
  return h("div", { key: `seg-${id}`, class: "segmented", role: "group", "aria-label": label, "data-test": test || `group-${id}` },
    options.map((option) => h("button", {
      key: option.value, type: "button", class: "segment", "aria-pressed": String(option.value === value),
      "aria-disabled": option.disabled ? "true" : null, title: (option.disabled && option.reason) || option.title || null,
      "data-test": `choose-${id}-${option.value}`, on: { click: () => option.disabled || choose(option.value) },
    }, option.label)), extra);
}

function button(label, { test, title, reason, cls = "", on, pressed, name }) {
  return h("button", {
    key: `button-${test}`, type: "button", class: `button ${cls}`, "data-test": test, title: reason || title || null,
    "aria-label": name || null, "aria-disabled": reason ? "true" : null,
    "aria-pressed": pressed === undefined ? null : String(Boolean(pressed)), on: { click: (event) => reason || on(event) },
  }, label);
}

// A modal dialog that is open while `open` is true.
function dialog({ key, open, title, test, close, cls = "" }, ...children) {
  if (!open) return null;
  return h("dialog", {
    key, class: cls, "aria-label": title, "data-test": test, mount: (dom) => { dom._back = dom.getRootNode().activeElement; dom.showModal(); },
    on: { close, cancel: close, click: (event) => event.target.localName === "dialog" && close() },
  }, h("div", { class: "sheet" },
    h("div", { class: "sheet-head" }, h("h2", {}, title),
      button("Close", { test: `${test}-close`, title: "Close (Escape)", on: close })),
    h("div", { class: "sheet-body", tabindex: "0" }, ...children)));
}

const count = (n) => Number(n || 0).toLocaleString("en-US");
const plural = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

function short(value) {
  if (value === null || value === undefined || value === "" || Number.isNaN(value)) return "–";
  if (typeof value !== "number") return String(value);
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e6) return count(value);
  return size !== 0 && (size < 0.001 || size >= 1e5) ? value.toExponential(1) : String(Number(value.toPrecision(3)));
}

// Runs `run` once, `wait` ms after the last call; .now() runs what waits at once.
function later(run, wait) {
  let timer = null, waiting = null;
  const call = (...args) => {
    clearTimeout(timer);
    waiting = args;
    timer = setTimeout(call.now, wait);
  };
  call.now = () => {
    clearTimeout(timer);
    const args = waiting;
    waiting = null;
    if (args) run(...args);
  };
  call.cancel = () => {
    clearTimeout(timer);
    waiting = null;
  };
  return call;
}

const modeOf = (event) => (event.altKey ? "subtract" : event.shiftKey ? "add" : "replace");
