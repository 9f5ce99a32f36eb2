import { component } from "./common/component.js";
import { segmented } from "./common/controls.js";
import { later } from "./common/later.js";
import { h } from "./common/tree.js";
import { colourOf } from "./crystal/scene.js";
import { makeViewer, release, showIn, warm } from "./crystal/viewer.js";

// The crystal of the current atom, in one viewer for the life of the page: a new one would compile its shaders again.

function rested(wait) {
  return new Promise((go) => {
    setTimeout(() => go(performance.now()), wait);
  });
}

// Until the page had nothing to compute for a second: timers came when they were due
async function quiet() {
  let since = performance.now();
  for (let now = since; now - since < 1000; ) {
    const before = now;
    now = await rested(100);
    if (now - before > 150) since = now;
  }
}

function viewerOf(act) {
  const heard = (image) => {
    if (image > 0) act.emit("image", { atom: act.data().images[image] });
  };
  act.ui.making ||= makeViewer(act.data().route, heard);
  return act.ui.making;
}

function discard(act) {
  act.ui.making?.then(
    (viewer) => release(viewer.viewport),
    () => {},
  );
  act.ui.making = null;
}

// While nobody waits: what the first crystal needs. Where it fails, the first crystal says so.
async function prepare(act) {
  await quiet();
  if (act.ui.gone) return;
  try {
    const viewer = await viewerOf(act);
    if (!act.ui.drawn) warm(viewer);
  } catch {
    act.ui.making = null;
  }
}

// What would be drawn, in a word: the same is not drawn again.
function wantedIn(scene, { atoms }) {
  const { clientWidth: width, clientHeight: height } = scene;
  if (!atoms) return null;
  return width < 20 || height < 20 ? undefined : JSON.stringify([atoms, width, height, colourOf("--focus")]);
}

async function draw(act) {
  const { scene } = act.ui;
  const data = act.data();
  const wanted = wantedIn(scene, data);
  if (wanted === undefined || wanted === (act.ui.drawn ?? null)) return;
  act.ui.drawn = wanted;
  delete scene.dataset.ready;
  if (!wanted) return;
  try {
    const viewer = await viewerOf(act);
    if (act.ui.drawn === wanted) showIn(scene, viewer, data);
  } catch (error) {
    discard(act);
    scene.textContent = `The crystal cannot be drawn here: ${error.message}.`;
    console.warn(error);
  }
}

function kind({ symbol, color }) {
  return h("span", { key: symbol }, h("i", { style: { background: color } }), symbol);
}

function view(data, _ui, act) {
  const { options, show: value, title, species } = data;
  const group = { id: "crystal", label: "What is drawn of the crystal", value, options };
  const kinds = Object.values(species || {}).map(kind);
  return h(
    "div",
    { class: "crystal-head", "data-test": "crystal-head" },
    h("b", { title }, title || ""),
    h("span", { class: "kinds", "data-test": "crystal-kinds" }, kinds),
    options?.length ? segmented(group, (shown) => act.emit("show", { value: shown })) : null,
  );
}

function made(tag, className, test) {
  const element = document.createElement(tag);
  element.className = className;
  if (test) element.dataset.test = test;
  return element;
}

function makeScene() {
  const scene = made("div", "scene", "crystal-scene");
  scene.title = "Drag to turn, scroll to zoom, click an atom to go to it";
  // The widget would move atoms by keys, and listens to the whole page
  const stop = (event) => event.stopImmediatePropagation();
  for (const type of ["keydown", "keyup", "keypress"]) scene.addEventListener(type, stop, true);
  return scene;
}

// Draws again when the room or the theme changes.
function watch(act, scene, model) {
  const again = later(() => draw(act), 120);
  const sized = new ResizeObserver(() => again());
  sized.observe(scene);
  const themed = new MutationObserver(() => again());
  themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  model.on("remove", () => {
    sized.disconnect();
    themed.disconnect();
    again.cancel();
    act.ui.gone = true;
    discard(act);
  });
}

export function render({ model, el }) {
  const holder = made("section", "holder surface", "crystal");
  holder.setAttribute("aria-label", "Crystal");
  el.append(holder);
  const scene = makeScene();
  const note = made("p", "crystal-note");
  const say = ({ atoms, note: words = "" }) => {
    document.documentElement.dataset.atom = String(Boolean(atoms));
    note.textContent = words;
    scene.setAttribute("aria-label", words);
  };
  const changed = (act) => {
    say(act.data());
    draw(act);
  };
  const act = component(model, holder, view, { changed });
  act.ui.scene = scene;
  holder.append(scene, note);
  say(act.data());
  prepare(act);
  watch(act, scene, model);
}
