// Where all sites are drawn: their places arrive once, and are between two of three at each step of the morph.

const empty = () => new ArrayBuffer(0);

// A buffer of its own, as an array of numbers may not start where the message put it
function bufferOf(value) {
  if (value instanceof ArrayBuffer) return value.slice(0);
  return value?.buffer ? value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength) : empty();
}

// source, translated, target : x and y of all sites, by turns; rgb : a colour each; row : of a site
export function readArrays(model) {
  const places = new Float32Array(bufferOf(model.places));
  const n = places.length / 6;
  const sites = new Int32Array(bufferOf(model.sites));
  const chosen = new Uint8Array(bufferOf(model.chosen));
  return {
    n,
    source: places.subarray(0, 2 * n),
    translated: places.subarray(2 * n, 4 * n),
    target: places.subarray(4 * n, 6 * n),
    rgb: new Uint8Array(bufferOf(model.colours)),
    chosen,
    any: chosen.some(Boolean),
    sites,
    row: new Map(Array.from({ length: n }, (_, i) => [sites[i], i])),
    moving: new Float32Array(2 * n),
  };
}

// Step 0 … 1: from the source's own axes to the translated place; 1 … 2: from there to the true place in the target
export function placed({ source, translated, target, moving }, step) {
  const [from, to, t] = step <= 1 ? [source, translated, step] : [translated, target, step - 1];
  const share = t * t * (3 - 2 * t); // slow at both ends
  for (let i = 0; i < from.length; i++) moving[i] = from[i] + share * (to[i] - from[i]);
  return moving;
}

// Which of the three places the atoms are at, and between which two: 0 source, 1 translated, 2 true, and halves
export const stop = (step) => (Math.abs(step - Math.round(step)) < 0.02 ? Math.round(step) : Math.floor(step) + 0.5);

const HEAD = 40; // px for the words above a map
const EDGE = 10; // px around a map
const BEYOND = 1.12; // the middle 99.5 % of a map lie within -1 … 1

// One number of pixels for both axes
export function frame(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const width = Math.round(canvas.clientWidth * ratio);
  const height = Math.round(canvas.clientHeight * ratio);
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const top = HEAD * ratio;
  const reach = Math.max(10, Math.min(width, height - top) / 2 - EDGE * ratio) / BEYOND;
  return { width, height, ratio, x: width / 2, y: top + (height - top) / 2, reach };
}

// Where a place is drawn: what lies beyond the map stands at its edge.
const within = (at, length, ratio) => Math.min(length - 4 * ratio, Math.max(3 * ratio, at));
export const acrossAt = (room, x) => within(room.x + x * room.reach, room.width, room.ratio);
export const downAt = (room, y) => within(room.y - y * room.reach, room.height, room.ratio);

const TOUCH = 14; // px

// The row of the site that is drawn nearest to the pointer, null where none is near
export function nearest({ n }, places, canvas, event) {
  const room = frame(canvas);
  const box = canvas.getBoundingClientRect();
  const x = (event.clientX - box.left) * room.ratio;
  const y = (event.clientY - box.top) * room.ratio;
  let best = null;
  let least = (TOUCH * room.ratio) ** 2;
  for (let i = 0; i < n; i++) {
    const distance = (acrossAt(room, places[2 * i]) - x) ** 2 + (downAt(room, places[2 * i + 1]) - y) ** 2;
    if (distance < least) [least, best] = [distance, i];
  }
  return best;
}
