// The places of all sites arrive once; the morph never asks the server, hover only for the name of an atom.
const SECONDS = 5; // of a whole morph: source, translated, target
const FADE = 0.22; // what is not selected

const floats = (bytes) => (bytes && bytes.byteLength ? new Float32Array(bytes.slice ? bytes.slice(0) : bytes) : new Float32Array(0));
const asBuffer = (value) => (value instanceof ArrayBuffer ? value : value && value.buffer ? value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength) : new ArrayBuffer(0));

function readArrays(model, state) {
  const places = floats(asBuffer(model.places));
  const n = places.length / 6;
  state.n = n;
  state.source = places.subarray(0, 2 * n);
  state.translated = places.subarray(2 * n, 4 * n);
  state.target = places.subarray(4 * n, 6 * n);
  state.rgb = new Uint8Array(asBuffer(model.colours));
  state.chosen = new Uint8Array(asBuffer(model.chosen));
  state.sites = new Int32Array(asBuffer(model.sites));
  state.any = state.chosen.some((value) => value);
  state.row = new Map();
  for (let i = 0; i < n; i++) state.row.set(state.sites[i], i);
}

// Step 0 … 1: from the source's own axes to the translated place; 1 … 2: from there to the true place in the target
function placed(state, step) {
  const from = step <= 1 ? state.source : state.translated, to = step <= 1 ? state.translated : state.target;
  const t = step <= 1 ? step : step - 1, s = t * t * (3 - 2 * t);
  const out = state.moving && state.moving.length === from.length ? state.moving : (state.moving = new Float32Array(from.length));
  for (let i = 0; i < from.length; i++) out[i] = from[i] + s * (to[i] - from[i]);
  return out;
}

// Where a place is drawn: what lies beyond the map stands at its edge.
const acrossAt = (f, x) => Math.min(f.width - 4 * f.ratio, Math.max(3 * f.ratio, f.x + x * f.reach));
const downAt = (f, y) => Math.min(f.height - 4 * f.ratio, Math.max(3 * f.ratio, f.y - y * f.reach));

// One number of pixels for both axes; the middle 99.5 % of a map lie within -1 … 1
function frame(canvas) {
  const ratio = window.devicePixelRatio || 1, width = Math.round(canvas.clientWidth * ratio), height = Math.round(canvas.clientHeight * ratio);
  if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
  const top = 40 * ratio, reach = Math.max(10, Math.min(width, height - top) / 2 - 10 * ratio) / 1.12;
  return { width, height, ratio, x: width / 2, y: top + (height - top) / 2, reach };
}

function paintDots(context, f, places, state) {
  const image = context.createImageData(f.width, f.height), data = image.data;
  const size = Math.max(2, Math.round(1.5 * f.ratio + (state.n < 4000 ? 1 : 0)));
  const dot = (i, alpha) => {
    const x = Math.round(acrossAt(f, places[2 * i])), y = Math.round(downAt(f, places[2 * i + 1]));
    if (Number.isNaN(x + y)) return;
    const r = state.rgb[3 * i], g = state.rgb[3 * i + 1], b = state.rgb[3 * i + 2];
    for (let dy = 0; dy < size; dy++) for (let dx = 0; dx < size; dx++) {
      const px = x + dx, py = y + dy;
      if (px >= f.width || py >= f.height) continue;
      const at = 4 * (py * f.width + px);
      if (data[at + 3] > alpha) continue;
      data[at] = r; data[at + 1] = g; data[at + 2] = b; data[at + 3] = alpha;
    }
  };
  for (let i = 0; i < state.n; i++) dot(i, state.any && !state.chosen[i] ? Math.round(255 * FADE) : 255);
  if (state.any) for (let i = 0; i < state.n; i++) if (state.chosen[i]) dot(i, 255);
  context.putImageData(image, 0, 0);
}

const style = (el, name) => getComputedStyle(el).getPropertyValue(name).trim();

function ring(context, f, x, y, colour, radius) {
  context.beginPath();
  context.arc(acrossAt(f, x), downAt(f, y), radius * f.ratio, 0, 2 * Math.PI);
  context.lineWidth = 2 * f.ratio;
  context.strokeStyle = colour;
  context.stroke();
}

function line(context, f, a, b, colour, width) {
  context.beginPath();
  context.moveTo(acrossAt(f, a[0]), downAt(f, a[1]));
  context.lineTo(acrossAt(f, b[0]), downAt(f, b[1]));
  context.lineWidth = width * f.ratio;
  context.strokeStyle = colour;
  context.stroke();
}

function paint(act) {
  const { ui, root } = act, state = ui.state;
  const left = root.querySelector(".left canvas"), right = root.querySelector(".right canvas");
  if (!left || !right || !state) return;
  if (!state.n) {
    for (const canvas of [left, right]) canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
    return;
  }
  const accent = style(root, "--focus"), text = style(root, "--text");
  const lf = frame(left), rf = frame(right), lc = left.getContext("2d"), rc = right.getContext("2d");
  if (lf.width < 10 || rf.width < 10) return;
  const step = ui.step ?? 1;
  if (ui.paintedLeft !== ui.version) { paintDots(lc, lf, state.source, state); ui.paintedLeft = ui.version; ui.leftImage = lc.getImageData(0, 0, lf.width, lf.height); }
  else lc.putImageData(ui.leftImage, 0, 0);
  const now = placed(state, step);
  paintDots(rc, rf, now, state);
  const marked = [[state.row.get(act.data().atom), text], [ui.hovered, accent]];
  for (const [i, colour] of marked) {
    if (i === undefined || i === null) continue;
    const at = (places) => [places[2 * i], places[2 * i + 1]];
    ring(lc, lf, ...at(state.source), colour, 6);
    line(rc, rf, at(state.translated), at(state.target), colour, 1.5);
    ring(rc, rf, ...at(state.translated), colour, 6);
    ring(rc, rf, ...at(state.target), colour, 3);
    if (step !== 1) ring(rc, rf, ...at(now), colour, 4.5);
  }
}

function nearest(state, places, f, canvas, event) {
  const box = canvas.getBoundingClientRect();
  const x = (event.clientX - box.left) * f.ratio, y = (event.clientY - box.top) * f.ratio;
  let best = null, least = (14 * f.ratio) ** 2;
  for (let i = 0; i < state.n; i++) {
    const dx = acrossAt(f, places[2 * i]) - x, dy = downAt(f, places[2 * i + 1]) - y, d = dx * dx + dy * dy;
    if (d < least) { least = d; best = i; }
  }
  return best;
}

function pointed(act, which, event) {
  const { ui } = act, state = ui.state;
  if (!state || !state.n) return null;
  const canvas = event.currentTarget;
  const places = which === "left" ? state.source : placed(state, ui.step ?? 1);
  return nearest(state, places, frame(canvas), canvas, event);
}

function soon(act) {
  if (act.ui.waiting) return;
  act.ui.waiting = true;
  requestAnimationFrame(() => { act.ui.waiting = false; paint(act); });
}

// Which of the three places the atoms are at, and between which two: 0 source, 1 translated, 2 true, and halves
const stop = (step) => (Math.abs(step - Math.round(step)) < 0.02 ? Math.round(step) : Math.floor(step) + 0.5);

function setStep(act, step) {
  const before = stop(act.ui.step ?? 1);
  act.ui.step = Math.max(0, Math.min(2, step));
  if (stop(act.ui.step) !== before) act.draw();
  const slider = act.root.querySelector("[data-test=morph]");
  if (slider) slider.value = String(act.ui.step);
  paint(act);
}

function play(act) {
  const { ui } = act;
  ui.playing = !ui.playing;
  act.draw();
  if (!ui.playing) return;
  let before = performance.now();
  if ((ui.step ?? 1) >= 2 || ui.step === undefined) ui.step = 0;
  ui.frames = { n: 0, since: before };
  const tick = (time) => {
    if (!ui.playing || !act.root.isConnected) return;
    const next = (ui.step ?? 0) + ((time - before) / 1000) * (2 / SECONDS);
    before = time;
    ui.frames.n += 1;
    setStep(act, next);
    if (next >= 2) {
      ui.playing = false;
      act.root.dataset.fps = (ui.frames.n / ((performance.now() - ui.frames.since) / 1000)).toFixed(1);
      act.draw();
    } else requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}

// The name of the atom under the pointer, once the server has told it
function tip(act, which) {
  const { hovered } = act.data(), { ui } = act, [over, x, y] = ui.over || [];
  if (!hovered || over !== which || ui.hovered === null || ui.state?.sites[ui.hovered] !== hovered.site) return null;
  const width = act.root.querySelector(`.${which}`)?.clientWidth || 0, side = x > width / 2 ? { right: `${width - x + 12}px` } : { left: `${x + 12}px` };
  return h("div", { key: `tip-${x > width / 2}`, class: "tip", "data-test": "stitch-tip", style: { ...side, top: `${Math.max(2, y - 28)}px` } }, hovered.words);
}

// What the right map holds at this step of the morph
function rightWords(data, step) {
  if (!data.words) return "";
  return { 0: `${data.source} on its own axes`, 0.5: `${data.source} on its way into ${data.target}`, 1: data.words, 1.5: `on the way to the true places in ${data.target}`, 2: `the true places in ${data.target}` }[stop(step)];
}

function hover(act, row, over) {
  const { ui } = act;
  if (row === ui.hovered && over?.[0] === ui.over?.[0]) return;
  ui.hovered = row;
  ui.over = over;
  soon(act);
  if (act.root.querySelector(".tip")) act.draw(); // the name is that of the atom before
  ui.name();
}

function mapBox(act, which, title, below, reason) {
  const hear = {
    pointermove: (event) => hover(act, pointed(act, which, event), [which, event.offsetX, event.offsetY]),
    pointerleave: () => hover(act, null, null),
    click: (event) => { const i = pointed(act, which, event); if (i !== null) act.emit("site", { site: act.ui.state.sites[i] }); },
  };
  return h("section", { key: which, class: `map ${which}`, "aria-label": title, "data-test": `stitch-${which}` },
    h("canvas", { on: hear, role: "img", "aria-label": below }),
    h("div", { class: "head" }, h("b", {}, title), h("span", {}, below)), tip(act, which),
    reason ? h("div", { class: "reason" }, reason) : null);
}

function lineItem(each, data, act) {
  const show = () => hover(act, act.ui.state?.row.get(each.site) ?? null, null), hide = () => hover(act, null, null);
  return h("li", { key: each.site }, h("button", { type: "button", "aria-pressed": String(each.site === data.atom), "data-test": `line-${each.site}`,
    on: { click: () => act.emit("site", { site: each.site }), pointerenter: show, focus: show, pointerleave: hide, blur: hide } },
  h("span", { class: "words", title: each.label }, each.label), h("span", { class: "number" }, each.length.toFixed(2))));
}

function morphRow(data, act) {
  const { ui } = act, off = Boolean(data.reason);
  const where = stop(ui.step ?? 1);
  const end = (i, label) => h("span", { key: `end-${i}`, class: `ends ${where === i ? "now" : ""}` }, label);
  return h("div", { key: "morph", class: "morph" },
    button(ui.playing ? "Pause" : "Play", { test: "morph-play", title: "Move the atoms from the source into the target", reason: off ? data.reason : "", on: () => play(act) }),
    end(0, `${data.source}`),
    h("input", { type: "range", min: "0", max: "2", step: "0.01", value: String(ui.step ?? 1), disabled: off, "data-test": "morph", "aria-label": "From the source, translated, to the target",
      on: { input: (event) => { ui.playing = false; setStep(act, Number(event.target.value)); act.draw(); } } }),
    end(1, "translated"), end(2, `true ${data.target}`));
}

function view(data, ui, act) {
  return h("div", { class: "stitch", "data-test": "stitch-view" },
    mapBox(act, "left", data.source || "", data.words ? "on its own axes" : "", ""),
    mapBox(act, "right", data.target || "", rightWords(data, ui.step ?? 1), data.reason),
    h("aside", { key: "side", class: "side", "aria-label": "Longest lines" }, h("h2", {}, "Longest lines"),
      h("p", {}, data.note || ""),
      h("ul", { "data-test": "lines" }, (data.lines || []).map((each) => lineItem(each, data, act)))),
    morphRow(data, act));
}

export function render({ model, el }) {
  const act = component(model, el, view, { changed: (each) => soon(each) });
  act.ui.name = later(() => {
    const { hovered, over, state } = act.ui, site = over && hovered !== null && hovered !== undefined ? state.sites[hovered] : null;
    if (site !== (act.data().hovered?.site ?? null)) act.emit("hover", { site });
    else act.draw();
  }, 120);
  const refresh = () => { act.ui.state = {}; readArrays(model, act.ui.state); act.ui.version = (act.ui.version || 0) + 1; act.ui.hovered = null; soon(act); };
  for (const name of ["places", "colours", "chosen", "sites"]) model.on(name, refresh);
  const sized = new ResizeObserver(() => { act.ui.version = (act.ui.version || 0) + 1; soon(act); });
  sized.observe(el);
  const themed = new MutationObserver(() => soon(act));
  themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "data-page"] });
  model.on("remove", () => { sized.disconnect(); themed.disconnect(); });
  refresh();
}
