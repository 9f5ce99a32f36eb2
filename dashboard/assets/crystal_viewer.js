// The widget of weas, without its Python side: it reads a model as anywidget gives it, and is given one here.
const QUIET = { controls: { enabled: false }, buttons: { enabled: false }, timeline: { enabled: false }, atomLegend: { enabled: false }, meshLegend: { enabled: false } };
const FIXED = {
  logLevel: "error", modelStyle: 1, colorBy: "Element", colorType: "JMOL", colorRamp: ["red", "blue"], radiusType: "Covalent", materialType: "Standard",
  atomLabelType: "None", showBondedAtoms: false, showHydrogenBonds: false, showOutBoundaryBonds: false, hideLongBonds: true, atomScales: [], modelSticks: [],
  modelPolyhedras: [], volumetricData: { values: [] }, fermiData: {}, imageData: "", vectorField: {}, showVectorField: false, currentFrame: 0,
  instancedMeshPrimitive: [], anyMesh: [], text: [], cameraType: "Orthographic", cameraSetting: {}, js_task: {}, python_task: {}, stateSnapshot: {},
  speciesSettings: {}, bondSettings: {}, isoSettings: {}, fermiSettings: {}, sliceSettings: {}, phonon: {}, measurementSettings: {}, animationState: {},
  showAtomLegend: false, continuousUpdate: false, selectedAtomsIndices: [], boundary: [[0, 1], [0, 1], [0, 1]], debug: false,
};
// The widget is set up without atoms, for until that is done it paints at every step
const NO_ATOMS = { symbols: [], species: {}, positions: [], cell: [0, 0, 0, 0, 0, 0, 0, 0, 0], pbc: [false, false, false], attributes: { atom: {}, species: {} } };
const EMPTY = { atoms: NO_ATOMS, species: {}, bonds: {} };
// Has of everything that a crystal may have: two elements, a bond, a cell and a marked atom
const SAMPLE = {
  atoms: { ...NO_ATOMS, symbols: ["Na", "Cl"], species: { Na: "Na", Cl: "Cl" }, positions: [[0, 0, 0], [2, 0, 0]], cell: [4, 0, 0, 0, 4, 0, 0, 0, 4] },
  species: Object.fromEntries(["Na", "Cl"].map((symbol) => [symbol, { element: symbol, symbol, radius: 1, color: "#888888" }])),
  bonds: { "Na-Cl": { specie1: "Na", specie2: "Cl", color1: "#888888", color2: "#888888", min: 0, max: 3, type: 0 } },
};

function colourOf(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

const CORNERS = [0, 1, 2, 3, 4, 5, 6, 7].map((corner) => [corner & 1, (corner >> 1) & 1, corner >> 2]);
const SIDES = [0, 1, 3, 0, 3, 2, 4, 5, 7, 4, 7, 6, 0, 1, 5, 0, 5, 4, 2, 3, 7, 2, 7, 6, 0, 2, 6, 0, 6, 4, 1, 3, 7, 1, 7, 5];
const cornersOf = (cell) => CORNERS.map((steps) => [0, 1, 2].map((axis) => steps.reduce((sum, step, i) => sum + step * cell[3 * i + axis], 0)));

// Red, green, blue and opacity 0 … 1, linear in light as the widget takes them for edges
function lightOf(hex) {
  return [...[1, 3, 5].map((at) => (parseInt(hex.slice(at, at + 2), 16) / 255) ** 2.2), 1];
}

// The edges of the cell, drawn by us: of a cell that it knows, the widget draws only bonds that stay inside
function cellOf({ cell }) {
  if (!cell.some(Boolean)) return [];
  const seen = { opacity: 0, depthWrite: false, showEdges: true, edgeColor: lightOf(colourOf("--muted")), selectable: false };
  return [{ name: "cell", vertices: cornersOf(cell).flat(), faces: SIDES, color: colourOf("--surface"), materialType: "Basic", smoothNormals: false, ...seen }];
}

// What changes from one crystal, or theme, to the next
function shownOf(data) {
  return {
    speciesSettings: data.species, atoms: { ...data.atoms, cell: NO_ATOMS.cell }, bondSettings: data.bonds, anyMesh: cellOf(data.atoms),
    highlightSettings: data.atoms === NO_ATOMS ? {} : { marked: { indices: [0], scale: 1.5, color: colourOf("--focus"), type: "sphere" } },
    js_task: { name: "avr.applyState", args: [{ backgroundColor: colourOf("--surface") }] },
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
  return window.editor;
}

const fetchWidget = (route) => import(new URL(route, document.baseURI).href);
const painted = (element) => requestAnimationFrame(() => { element.dataset.ready = "true"; });

const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const TOWARDS = [0.323, 0.203, 0.924], ACROSS = [0.944, 0, -0.33], UP = [-0.067, 0.979, -0.192]; // of the viewer: at right angles
const MARGIN = 1.2, CLOSEST = 3; // Å around what is drawn; how far it is enlarged at most

// All that is drawn fills the view; the note keeps its line below.
function fit(tjs, atoms) {
  const points = [...atoms.positions, ...(atoms.cell.some(Boolean) ? cornersOf(atoms.cell) : [])];
  const span = (axis) => { const along = points.map((point) => dot(point, axis)); return [Math.min(...along) - MARGIN, Math.max(...along) + MARGIN]; };
  const [[left, right], [low, high], [far, near]] = [ACROSS, UP, TOWARDS].map(span);
  const bottom = low - 0.12 * (high - low), middle = [(left + right) / 2, (bottom + high) / 2, (far + near) / 2];
  const lookAt = [0, 1, 2].map((axis) => middle[0] * ACROSS[axis] + middle[1] * UP[axis] + middle[2] * TOWARDS[axis]);
  tjs.updateCameraAndControls({ direction: TOWARDS, lookAt, zoom: 1 });
  const zoom = Math.min((tjs.camera.right - tjs.camera.left) / (right - left), (tjs.camera.top - tjs.camera.bottom) / (high - bottom), CLOSEST);
  tjs.updateCameraAndControls({ direction: TOWARDS, lookAt, zoom });
}

// A viewer holds one of the few graphics contexts that a browser has
function release(viewport) {
  for (const canvas of viewport.querySelectorAll("canvas")) {
    const context = canvas.getContext("webgl2") || canvas.getContext("webgl");
    context?.getExtension("WEBGL_lose_context")?.loseContext();
  }
  viewport.remove();
}

function besideThePage() {
  const viewport = document.createElement("div");
  Object.assign(viewport.style, { position: "fixed", left: "-9999px", width: "270px", height: "190px" });
  viewport.className = "viewport";
  viewport.inert = true;
  viewport.dataset.test = "crystal-viewport";
  document.body.append(viewport);
  return viewport;
}

// Made beside the page, and moved into a scene with the first crystal. `heard` is told which atom was clicked.
async function makeViewer(route, heard) {
  const widget = await fetchWidget(route), viewport = besideThePage();
  const size = { viewerStyle: { width: "100%", height: "100%" }, guiConfig: structuredClone(QUIET) };
  const model = anywidgetModel({ ...FIXED, ...shownOf(EMPTY), ...size }, (chosen) => chosen?.length && tapped(chosen.at(-1)));
  let viewer = null;
  // The widget would number the atom and keep it in place of the marked one
  const tapped = (atom) => {
    heard(atom);
    setTimeout(() => {
      viewer.selectionManager.clearSelection();
      viewer.avr.highlightManager.drawHighlightAtoms();
    });
  };
  try {
    viewer = calmed(() => widget.default.render({ model, el: viewport }));
    return { model, tjs: viewer.tjs, viewport };
  } catch (error) {
    release(viewport);
    throw new Error("this browser shows no 3-D graphics (WebGL)", { cause: error });
  }
}

// Compiles all shaders that a crystal will need.
function warm({ model, viewport }) {
  model.change(shownOf(SAMPLE));
  painted(viewport);
}

function showIn(scene, { model, tjs, viewport }, data) {
  if (viewport.parentNode !== scene) {
    viewport.removeAttribute("style");
    viewport.inert = false;
    scene.replaceChildren(viewport);
    tjs.onWindowResize();
  }
  model.change(shownOf(data));
  fit(tjs, data.atoms);
  painted(scene);
}
