import { cornersOf, hasCell } from "./scene.js";

// Of the viewer: at right angles
const TOWARDS = [0.323, 0.203, 0.924];
const ACROSS = [0.944, 0, -0.33];
const UP = [-0.067, 0.979, -0.192];

const MARGIN = 1.2; // Å around what is drawn
const CLOSEST = 3; // how far it is enlarged at most
const NOTE = 0.12; // of the height, for the line of words below

const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

function spanOf(points, axis) {
  const along = points.map((point) => dot(point, axis));
  return [Math.min(...along) - MARGIN, Math.max(...along) + MARGIN];
}

// All that is drawn fills the view; the note keeps its line below.
export function fit(tjs, atoms) {
  const points = [...atoms.positions, ...(hasCell(atoms) ? cornersOf(atoms.cell) : [])];
  const [[left, right], [low, high], [far, near]] = [ACROSS, UP, TOWARDS].map((axis) => spanOf(points, axis));
  const bottom = low - NOTE * (high - low);
  const middle = [(left + right) / 2, (bottom + high) / 2, (far + near) / 2];
  const lookAt = [0, 1, 2].map((axis) => dot(middle, [ACROSS[axis], UP[axis], TOWARDS[axis]]));
  tjs.updateCameraAndControls({ direction: TOWARDS, lookAt, zoom: 1 });
  const { camera } = tjs;
  const across = (camera.right - camera.left) / (right - left);
  const up = (camera.top - camera.bottom) / (high - bottom);
  tjs.updateCameraAndControls({ direction: TOWARDS, lookAt, zoom: Math.min(across, up, CLOSEST) });
}
