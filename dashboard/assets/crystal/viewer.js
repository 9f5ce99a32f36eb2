// The widget of weas, without its Python side: it reads a model as anywidget gives it, and is given one here.
import { calmed } from "./calm.js";
import { fit } from "./camera.js";
import { shownOf } from "./scene.js";
import { EMPTY, FIXED, QUIET, SAMPLE } from "./settings.js";

// What an anywidget asks of its model; `heard` is told which atoms it selects.
export function anywidgetModel(traits, heard) {
  const listeners = new Map();
  return {
    get: (name) => traits[name],
    set(name, value) {
      traits[name] = value;
      if (name === "selectedAtomsIndices") heard(value);
    },
    on(name, call) {
      listeners.set(name, [...(listeners.get(name) || []), call]);
    },
    off() {},
    send() {},
    save_changes() {},
    // As if it came from Python
    change(values) {
      Object.assign(traits, values);
      for (const name of Object.keys(values)) for (const call of listeners.get(`change:${name}`) || []) call();
    },
  };
}

const fetchWidget = (route) => import(new URL(route, document.baseURI).href);

function painted(element) {
  requestAnimationFrame(() => {
    element.dataset.ready = "true";
  });
}

// A viewer holds one of the few graphics contexts that a browser has.
export function release(viewport) {
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

// The widget would number the atom and keep it in place of the marked one.
function unselect({ selectionManager, avr }) {
  selectionManager.clearSelection();
  avr.highlightManager.drawHighlightAtoms();
}

// Made beside the page, and moved into a scene with the first crystal. `heard` is told which atom was clicked.
export async function makeViewer(route, heard) {
  const widget = await fetchWidget(route);
  const viewport = besideThePage();
  const size = { viewerStyle: { width: "100%", height: "100%" }, guiConfig: structuredClone(QUIET) };
  let viewer = null;
  const tapped = (chosen) => {
    if (!chosen?.length) return;
    heard(chosen.at(-1));
    setTimeout(() => unselect(viewer));
  };
  const model = anywidgetModel({ ...FIXED, ...shownOf(EMPTY), ...size }, tapped);
  try {
    viewer = calmed(() => widget.default.render({ model, el: viewport }));
    return { model, tjs: viewer.tjs, viewport };
  } catch (error) {
    release(viewport);
    throw new Error("this browser shows no 3-D graphics (WebGL)", { cause: error });
  }
}

// Compiles all shaders that a crystal will need.
export function warm({ model, viewport }) {
  model.change(shownOf(SAMPLE));
  painted(viewport);
}

export function showIn(scene, { model, tjs, viewport }, data) {
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
