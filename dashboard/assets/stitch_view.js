import { component } from "./common/component.js";
import { later } from "./common/later.js";
import { h } from "./common/tree.js";
import { morphRow } from "./stitch/morph.js";
import { soon } from "./stitch/paint.js";
import { nearest, placed, readArrays, stop } from "./stitch/places.js";

// The row under the pointer, of what the map `which` shows now
function pointed(act, which, event) {
  const { state, step = 1 } = act.ui;
  if (!state?.n) return null;
  const places = which === "left" ? state.source : placed(state, step);
  return nearest(state, places, event.currentTarget, event);
}

// over : which map, and where in it; null where a row is pointed at elsewhere
function hover(act, row, over) {
  const { ui } = act;
  if (row === ui.hovered && over?.[0] === ui.over?.[0]) return;
  ui.hovered = row;
  ui.over = over;
  soon(act);
  if (act.root.querySelector(".tip")) act.draw(); // the name is that of the atom before
  ui.name();
}

// The name of the atom under the pointer, once the server has told it
function tip(act, which) {
  const { ui } = act;
  const { hovered } = act.data();
  const [over, x, y] = ui.over || [];
  if (!hovered || over !== which || ui.hovered === null) return null;
  if (ui.state?.sites[ui.hovered] !== hovered.site) return null;
  const width = act.root.querySelector(`.${which}`)?.clientWidth || 0;
  const leftwards = x > width / 2;
  const side = leftwards ? { right: `${width - x + 12}px` } : { left: `${x + 12}px` };
  const style = { ...side, top: `${Math.max(2, y - 28)}px` };
  return h("div", { key: `tip-${leftwards}`, class: "tip", "data-test": "stitch-tip", style }, hovered.words);
}

// What the right map holds at this step of the morph
function rightWords({ words, source, target }, step) {
  if (!words) return "";
  const at = {
    0: `${source} on its own axes`,
    0.5: `${source} on its way into ${target}`,
    1: words,
    1.5: `on the way to the true places in ${target}`,
    2: `the true places in ${target}`,
  };
  return at[stop(step)];
}

function canvasOf(act, which, words) {
  const on = {
    pointermove: (event) => hover(act, pointed(act, which, event), [which, event.offsetX, event.offsetY]),
    pointerleave: () => hover(act, null, null),
    click: (event) => {
      const i = pointed(act, which, event);
      if (i !== null) act.emit("site", { site: act.ui.state.sites[i] });
    },
  };
  return h("canvas", { on, role: "img", "aria-label": words });
}

function mapBox(act, which, title, words, reason) {
  return h(
    "section",
    { key: which, class: `map ${which}`, "aria-label": title, "data-test": `stitch-${which}` },
    canvasOf(act, which, words),
    h("div", { class: "head" }, h("b", {}, title), h("span", {}, words)),
    tip(act, which),
    reason ? h("div", { class: "reason" }, reason) : null,
  );
}

function lineItem({ site, label, length }, data, act) {
  const show = () => hover(act, act.ui.state?.row.get(site) ?? null, null);
  const hide = () => hover(act, null, null);
  const click = () => act.emit("site", { site });
  const props = {
    type: "button",
    "aria-pressed": String(site === data.atom),
    "data-test": `line-${site}`,
    on: { click, pointerenter: show, focus: show, pointerleave: hide, blur: hide },
  };
  const words = h("span", { class: "words", title: label }, label);
  return h("li", { key: site }, h("button", props, words, h("span", { class: "number" }, length.toFixed(2))));
}

function longestLines(data, act) {
  const items = (data.lines || []).map((each) => lineItem(each, data, act));
  return h(
    "aside",
    { key: "side", class: "side", "aria-label": "Longest lines" },
    h("h2", {}, "Longest lines"),
    h("p", {}, data.note || ""),
    h("ul", { "data-test": "lines" }, items),
  );
}

function view(data, ui, act) {
  return h(
    "div",
    { class: "stitch", "data-test": "stitch-view" },
    mapBox(act, "left", data.source || "", data.words ? "on its own axes" : "", ""),
    mapBox(act, "right", data.target || "", rightWords(data, ui.step ?? 1), data.reason),
    longestLines(data, act),
    morphRow(data, act),
  );
}

// Asks for the name of the atom that is pointed at, once the pointer rests.
function namer(act) {
  return later(() => {
    const { hovered, over, state } = act.ui;
    const there = over && hovered !== null && hovered !== undefined;
    const site = there ? state.sites[hovered] : null;
    if (site !== (act.data().hovered?.site ?? null)) act.emit("hover", { site });
    else act.draw();
  }, 120);
}

function repaint(act) {
  act.ui.version = (act.ui.version || 0) + 1;
  soon(act);
}

export function render({ model, el }) {
  const act = component(model, el, view, { changed: soon });
  act.ui.name = namer(act);
  const refresh = () => {
    Object.assign(act.ui, { state: readArrays(model), hovered: null });
    repaint(act);
  };
  for (const name of ["places", "colours", "chosen", "sites"]) model.on(name, refresh);
  const sized = new ResizeObserver(() => repaint(act));
  sized.observe(el);
  const themed = new MutationObserver(() => soon(act));
  themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "data-page"] });
  model.on("remove", () => {
    sized.disconnect();
    themed.disconnect();
  });
  refresh();
}
