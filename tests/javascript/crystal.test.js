// What is done to the inside of weas-widget; that it still has this inside, tests/dashboard/test_widget.py asks.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { calm, calmed } from "../../dashboard/assets/crystal/calm.js";
import { fit } from "../../dashboard/assets/crystal/camera.js";
import { cornersOf, shownOf } from "../../dashboard/assets/crystal/scene.js";
import { EMPTY, SAMPLE } from "../../dashboard/assets/crystal/settings.js";
import { anywidgetModel, release } from "../../dashboard/assets/crystal/viewer.js";
import { openPage } from "./page.js";

let frames;

beforeEach(() => {
  openPage();
  frames = [];
  globalThis.requestAnimationFrame = (call) => frames.push(call);
});

function nextFrame() {
  for (const call of frames.splice(0)) call();
}

// As the widget's viewer is where it is patched
function fakeViewer(programs = []) {
  const tjs = {
    painted: 0,
    renderers: { MainRenderer: { renderer: { info: { programs } } } },
    render() {
      this.painted += 1;
    },
  };
  return { tjs };
}

test("many changes are painted once, in the next frame", () => {
  const viewer = fakeViewer();
  calm(viewer);
  for (let i = 0; i < 12; i++) viewer.tjs.render();
  assert.equal(viewer.tjs.painted, 0);
  nextFrame();
  assert.equal(viewer.tjs.painted, 1);
  viewer.tjs.render();
  nextFrame();
  assert.equal(viewer.tjs.painted, 2);
});

test("a compiled program is held once, however often it is painted", () => {
  const programs = [{ usedTimes: 1 }];
  const viewer = fakeViewer(programs);
  calm(viewer);
  for (let i = 0; i < 3; i++) {
    viewer.tjs.render();
    nextFrame();
  }
  programs.push({ usedTimes: 2 });
  viewer.tjs.render();
  nextFrame();
  assert.deepEqual(
    programs.map((each) => each.usedTimes),
    [2, 3],
  );
});

test("the viewer is calm as soon as the widget hands it out, before it is set up", () => {
  const viewer = fakeViewer();
  const made = calmed(() => {
    window.editor = viewer;
    viewer.tjs.render(); // the widget's set-up
  });
  assert.equal(made, viewer);
  assert.equal(viewer.tjs.painted, 0);
  window.editor = null; // a plain property again
  assert.equal(window.editor, null);
});

test("the model answers as an anywidget's: what changed is told, a selection is heard", () => {
  const chosen = [];
  const model = anywidgetModel({ atoms: 1 }, (atoms) => chosen.push(atoms));
  const told = [];
  model.on("change:atoms", () => told.push(model.get("atoms")));
  model.change({ atoms: 2, other: 3 });
  assert.deepEqual([told, model.get("other")], [[2], 3]);
  model.set("cameraSetting", {});
  model.set("selectedAtomsIndices", [4]);
  assert.deepEqual(chosen, [[4]]);
});

test("the first atom is marked and the cell drawn by us, of an empty scene nothing", () => {
  document.documentElement.style.setProperty("--muted", "#808080");
  const shown = shownOf(SAMPLE);
  assert.deepEqual(shown.highlightSettings.marked.indices, [0]);
  assert.deepEqual(shown.atoms.cell, [0, 0, 0, 0, 0, 0, 0, 0, 0]);
  assert.equal(shown.anyMesh[0].vertices.length, 24);
  const nothing = shownOf(EMPTY);
  assert.deepEqual([nothing.highlightSettings, nothing.anyMesh], [{}, []]);
});

test("corners of a cell, by the bits of their number", () => {
  const corners = cornersOf([1, 0, 0, 0, 2, 0, 0, 0, 3]);
  assert.deepEqual(
    [corners[0], corners[1], corners[2], corners[4], corners[7]],
    [
      [0, 0, 0],
      [1, 0, 0],
      [0, 2, 0],
      [0, 0, 3],
      [1, 2, 3],
    ],
  );
});

test("the camera looks at the middle and comes as close as all fits, never closer than a limit", () => {
  const seen = [];
  const camera = { left: -20, right: 20, top: 20, bottom: -20 };
  const tjs = { camera, updateCameraAndControls: (view) => seen.push(view) };
  const none = new Array(9).fill(0);
  fit(tjs, { positions: [[0, 0, 0]], cell: none });
  assert.equal(seen.at(-1).zoom, 3);
  fit(tjs, {
    positions: [
      [-30, 0, 0],
      [30, 0, 0],
    ],
    cell: none,
  });
  assert.ok(seen.at(-1).zoom < 1);
  assert.deepEqual(
    seen.map((view) => view.zoom === 1),
    [true, false, true, false],
  );
});

test("a viewport that goes gives its graphics context back", () => {
  const viewport = document.createElement("div");
  const canvas = document.createElement("canvas");
  const lost = [];
  canvas.getContext = (kind) =>
    kind === "webgl2" ? { getExtension: () => ({ loseContext: () => lost.push(1) }) } : null;
  viewport.append(canvas);
  document.body.append(viewport);
  release(viewport);
  assert.deepEqual([lost.length, viewport.isConnected], [1, false]);
});
