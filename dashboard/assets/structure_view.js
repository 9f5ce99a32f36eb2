// The crystal of the current atom, in one viewer for the life of the page: a new one would compile its shaders again.

// Until the page had nothing to compute for a second: timers came when they were due
async function quiet() {
  for (let since = performance.now(), now = since; now - since < 1000;) {
    const before = now;
    await new Promise((go) => { setTimeout(go, 100); });
    now = performance.now();
    if (now - before > 150) since = now;
  }
}

function viewerOf(act) {
  const heard = (image) => { if (image > 0) act.emit("image", { atom: act.data().images[image] }); };
  return (act.ui.making ||= makeViewer(act.data().route, heard));
}

function discard(act) {
  act.ui.making?.then((viewer) => release(viewer.viewport), () => {});
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

async function draw(act) {
  const { scene } = act.ui, data = act.data();
  const { clientWidth: width, clientHeight: height } = scene;
  const wanted = data.atoms && JSON.stringify([data.atoms, width, height, colourOf("--focus")]);
  if (wanted === act.ui.drawn || (data.atoms && (width < 20 || height < 20))) return;
  act.ui.drawn = wanted;
  delete scene.dataset.ready;
  if (!data.atoms) return;
  try {
    const viewer = await viewerOf(act);
    if (act.ui.drawn === wanted) showIn(scene, viewer, data);
  } catch (error) {
    discard(act);
    scene.textContent = `The crystal cannot be drawn here: ${error.message}.`;
    console.warn(error);
  }
}

function view(data, ui, act) {
  return h("div", { class: "crystal-head", "data-test": "crystal-head" }, h("b", { title: data.title }, data.title || ""),
    h("span", { class: "kinds", "data-test": "crystal-kinds" }, Object.values(data.species || {}).map((each) => h("span", { key: each.symbol }, h("i", { style: { background: each.color } }), each.symbol))),
    data.options?.length ? segmented({ id: "crystal", label: "What is drawn of the crystal", value: data.show, options: data.options }, (value) => act.emit("show", { value })) : null);
}

export function render({ model, el }) {
  const holder = document.createElement("section"), scene = document.createElement("div"), note = document.createElement("p");
  holder.className = "holder surface";
  holder.setAttribute("aria-label", "Crystal");
  holder.dataset.test = "crystal";
  scene.className = "scene";
  scene.dataset.test = "crystal-scene";
  scene.title = "Drag to turn, scroll to zoom, click an atom to go to it";
  note.className = "crystal-note";
  el.append(holder);
  const say = (act) => { document.documentElement.dataset.atom = String(Boolean(act.data().atoms)); note.textContent = act.data().note || ""; scene.setAttribute("aria-label", act.data().note || ""); };
  const act = component(model, holder, view, { changed: (each) => { say(each); draw(each); } });
  act.ui.scene = scene;
  holder.append(scene, note);
  // The widget would move atoms by keys, and listens to the whole page
  for (const type of ["keydown", "keyup", "keypress"]) scene.addEventListener(type, (event) => event.stopImmediatePropagation(), true);
  say(act);
  const again = later(() => draw(act), 120);
  prepare(act);
  const sized = new ResizeObserver(() => again());
  sized.observe(scene);
  const themed = new MutationObserver(() => again());
  themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  model.on("remove", () => { sized.disconnect(); themed.disconnect(); again.cancel(); act.ui.gone = true; discard(act); });
}
