import { FOCUSABLE, menuKeys, place } from "./menus.js";
import { h, patch } from "./tree.js";

// What the parts of a component ask of it. `ui` is what only the browser knows.
class Act {
  #model;
  #view;
  #ends = [];
  #counter = 0;
  ui = { open: null };

  constructor(model, root, view) {
    this.#model = model;
    this.root = root;
    this.#view = view;
  }

  data() {
    return this.#model.data || {};
  }

  // Tells the server what was asked.
  emit(kind, rest = {}) {
    this.#model.send_msg({ kind, ...rest, n: Date.now() * 100 + (this.#counter++ % 100) });
  }

  draw() {
    const inside = this.root.getRootNode();
    const focused = inside.activeElement;
    patch(this.root, h("", {}, this.#view(this.data(), this.ui, this)).children);
    for (const panel of this.root.querySelectorAll("[popover]")) place(panel);
    if (focused?.isConnected && inside.activeElement !== focused) focused.focus({ preventScroll: true });
  }

  // Changes what only the browser knows, and draws it.
  change(values) {
    Object.assign(this.ui, values);
    this.draw();
  }

  open(id) {
    this.change({ open: this.ui.open === id ? null : id });
    const panel = this.ui.open && this.root.querySelector(`[popover][data-menu="${CSS.escape(this.ui.open)}"]`);
    const first = panel?.querySelector("[aria-checked=true]") || panel?.querySelector(FOCUSABLE);
    first?.focus({ preventScroll: true });
  }

  close(refocus = false) {
    const id = this.ui.open;
    if (!id) return;
    this.change({ open: null });
    if (refocus) this.root.querySelector(`button[data-menu="${CSS.escape(id)}"]`)?.focus();
  }

  // `type` on `target`, until the component goes
  listen(target, type, heard, options) {
    target.addEventListener(type, heard, options);
    this.#ends.push(() => target.removeEventListener(type, heard, options));
  }

  end() {
    for (const end of this.#ends) end();
  }
}

// Draws `view(data, ui, act)` -> nodes inside `el`, again with every new data.
export function component(model, el, view, { started, changed } = {}) {
  const root = document.createElement("div");
  root.className = "root";
  el.append(root);
  const act = new Act(model, root, view);
  const outside = (event) => act.ui.open && !event.composedPath().some((node) => node.dataset?.menu === act.ui.open);
  act.listen(document, "pointerdown", (event) => outside(event) && act.close(), true);
  act.listen(window, "resize", () => act.close());
  root.addEventListener("keydown", (event) => menuKeys(event, act));
  model.on("data", () => {
    act.draw();
    changed?.(act);
  });
  model.on("remove", () => act.end());
  act.draw();
  started?.(act);
  return act;
}
