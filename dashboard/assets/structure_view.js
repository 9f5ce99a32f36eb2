// The widget's module is fetched when the page has nothing else to do; it reads a model as anywidget gives it, and is given one here.
const QUIET = { controls: { enabled: false }, buttons: { enabled: false }, timeline: { enabled: false }, atomLegend: { enabled: false } };
const FIXED = {
  logLevel: "error", modelStyle: 1, colorBy: "Element", colorType: "JMOL", colorRamp: ["red", "blue"], radiusType: "Covalent", materialType: "Standard",
  atomLabelType: "None", showBondedAtoms: false, showHydrogenBonds: false, showOutBoundaryBonds: false, hideLongBonds: true, atomScales: [], modelSticks: [],
  modelPolyhedras: [], volumetricData: { values: [] }, fermiData: {}, imageData: "", vectorField: {}, showVectorField: false, currentFrame: 0,
  instancedMeshPrimitive: [], anyMesh: [], text: [], cameraType: "Orthographic", cameraSetting: {}, js_task: {}, python_task: {}, stateSnapshot: {},
  speciesSettings: {}, bondSettings: {}, isoSettings: {}, fermiSettings: {}, sliceSettings: {}, phonon: {}, measurementSettings: {}, animationState: {},
  showAtomLegend: false, continuousUpdate: false, selectedAtomsIndices: [], boundary: [[0, 1], [0, 1], [0, 1]], debug: false,
};
// The widget is set up without atoms, for until that is done it paints at every step
const NO_ATOMS = { symbols: [], species: {}, positions: [], cell: [1, 0, 0, 0, 1, 0, 0, 0, 1], pbc: [false, false, false], attributes: { atom: {}, species: {} } };

function colourOf(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function scenario(data, width, height) {
  return {
    ...FIXED, atoms: data.atoms, guiConfig: structuredClone(QUIET), viewerStyle: { width: `${width}px`, height: `${height}px` },
    speciesSettings: data.species, bondSettings: data.bonds, cameraSetting: { direction: [0.35, 0.22, 1], zoom: 1.2 },
    js_task: { name: "avr.applyState", args: [{ backgroundColor: colourOf("--surface") }] },
    cellSettings: { showCell: true, showAxes: false, cellColor: colourOf("--muted"), cellLineWidth: 1.5 },
    highlightSettings: data.atoms === NO_ATOMS ? {} : { marked: { indices: [0], scale: 1.5, color: colourOf("--focus"), type: "sphere" } },
  };
}

function anywidgetModel(traits, heard) {
  const listeners = {};
  return {
    get: (name) => traits[name], off() {}, send() {},
    on: (name, call) => { (listeners[name] ||= []).push(call); },
    change(values) { Object.assign(traits, values); for (const name of Object.keys(values)) for (const call of listeners[`change:${name}`] || []) call(); },
    set: (name, value) => { traits[name] = value; if (name === "selectedAtomsIndices") heard(value); },
    save_changes() {},
  };
}

// A viewer holds one of the few graphics contexts that a page may have: it is given back before the next.
function release(scene) {
  for (const canvas of scene.querySelectorAll("canvas")) {
    const context = canvas.getContext("webgl2") || canvas.getContext("webgl");
    context?.getExtension("WEBGL_lose_context")?.loseContext();
  }
  scene.replaceChildren();
}

// The viewer paints at every change of a setting, a dozen times for one crystal, and throws its shaders away with the last
// atom: here it paints once a frame, and what was compiled is kept for the next crystal.
function calm(viewer) {
  const { tjs } = viewer, { renderer } = tjs.renderers.MainRenderer, paint = tjs.render.bind(tjs), kept = new WeakSet();
  let due = false;
  tjs.render = () => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      paint();
      for (const program of renderer.info.programs) if (!kept.has(program)) { kept.add(program); program.usedTimes += 1; }
    });
  };
}

// The widget hands its viewer out in `window.editor` as soon as it is made, before it is set up.
function calmed(render) {
  Object.defineProperty(window, "editor", { configurable: true, set: (viewer) => { delete window.editor; window.editor = viewer; calm(viewer); } });
  render();
}

const fetchWidget = (data) => import(new URL(data.route, document.baseURI).href);
const painted = (scene) => requestAnimationFrame(() => { scene.dataset.ready = "true"; });

// Another crystal in the viewer that is there: a new one would compile its shaders again
function exchange(act, data) {
  const { speciesSettings, atoms, bondSettings, highlightSettings, cameraSetting } = scenario(data, 0, 0);
  act.ui.viewer.change({ speciesSettings, atoms, bondSettings, highlightSettings, cameraSetting });
}

async function draw(act) {
  const { scene } = act.ui, data = act.data();
  const { clientWidth: width, clientHeight: height } = scene;
  const room = JSON.stringify([width, height, colourOf("--focus")]);
  const wanted = data.atoms && JSON.stringify([data.atoms, width, height, colourOf("--focus")]);
  if (wanted === act.ui.drawn || (data.atoms && (width < 20 || height < 20))) return;
  act.ui.drawn = wanted;
  delete scene.dataset.ready;
  if (data.atoms && act.ui.viewer && act.ui.room === room) {
    exchange(act, data);
    painted(scene);
    return;
  }
  act.ui.viewer = null;
  release(scene);
  if (!data.atoms) return;
  try {
    const widget = await fetchWidget(data);
    if (act.ui.drawn !== wanted) return;
    const heard = (chosen) => { const image = (chosen || []).at(-1); if (image > 0) act.emit("image", { atom: act.data().images[image] }); };
    act.ui.viewer = anywidgetModel(scenario({ atoms: NO_ATOMS, species: {}, bonds: {} }, width, height), heard);
    act.ui.room = room;
    calmed(() => widget.default.render({ model: act.ui.viewer, el: scene }));
    exchange(act, data);
    painted(scene);
  } catch (error) {
    scene.textContent = "The crystal cannot be drawn here: this browser shows no 3-D graphics (WebGL).";
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
  if (window.requestIdleCallback) requestIdleCallback(() => fetchWidget(act.data()).catch(() => {}));
  const sized = new ResizeObserver(() => again());
  sized.observe(scene);
  const themed = new MutationObserver(() => again());
  themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  model.on("remove", () => { sized.disconnect(); themed.disconnect(); release(scene); });
}
