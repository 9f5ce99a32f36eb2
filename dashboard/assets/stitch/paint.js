import { acrossAt, downAt, frame, placed } from "./places.js";

const FADE = 0.22; // opacity of what is not selected
const FEW = 4000; // below so many sites dots are larger

// The dot of row `i`, unless what is there is less faded
function paintDot(image, x, y, size, rgb, i, alpha) {
  const { data, width, height } = image;
  for (let py = y; py < Math.min(y + size, height); py++) {
    for (let px = x; px < Math.min(x + size, width); px++) {
      const at = 4 * (py * width + px);
      if (data[at + 3] > alpha) continue;
      for (let channel = 0; channel < 3; channel++) data[at + channel] = rgb[3 * i + channel];
      data[at + 3] = alpha;
    }
  }
}

function paintDots(context, room, places, state) {
  const image = context.createImageData(room.width, room.height);
  const size = Math.max(2, Math.round(1.5 * room.ratio + (state.n < FEW ? 1 : 0)));
  const dot = (i, alpha) => {
    const x = Math.round(acrossAt(room, places[2 * i]));
    const y = Math.round(downAt(room, places[2 * i + 1]));
    if (Number.isNaN(x + y)) return;
    paintDot(image, x, y, size, state.rgb, i, alpha);
  };
  for (let i = 0; i < state.n; i++) dot(i, state.any && !state.chosen[i] ? Math.round(255 * FADE) : 255);
  if (state.any) for (let i = 0; i < state.n; i++) if (state.chosen[i]) dot(i, 255);
  context.putImageData(image, 0, 0);
}

const style = (el, name) => getComputedStyle(el).getPropertyValue(name).trim();

function stroke(context, room, colour, width) {
  context.lineWidth = width * room.ratio;
  context.strokeStyle = colour;
  context.stroke();
}

function ring(context, room, [x, y], colour, radius) {
  context.beginPath();
  context.arc(acrossAt(room, x), downAt(room, y), radius * room.ratio, 0, 2 * Math.PI);
  stroke(context, room, colour, 2);
}

function line(context, room, from, to, colour) {
  context.beginPath();
  context.moveTo(acrossAt(room, from[0]), downAt(room, from[1]));
  context.lineTo(acrossAt(room, to[0]), downAt(room, to[1]));
  stroke(context, room, colour, 1.5);
}

// The left map moves only with its data and its size: its dots are kept as an image.
function paintSource(context, room, ui) {
  if (ui.paintedLeft === ui.version) {
    context.putImageData(ui.leftImage, 0, 0);
    return;
  }
  paintDots(context, room, ui.state.source, ui.state);
  ui.paintedLeft = ui.version;
  ui.leftImage = context.getImageData(0, 0, room.width, room.height);
}

// One atom in both maps: where it is, where it was translated to, and where it should be
function paintMark(left, right, i, colour, now, state, step) {
  const at = (places) => [places[2 * i], places[2 * i + 1]];
  ring(left.context, left.room, at(state.source), colour, 6);
  line(right.context, right.room, at(state.translated), at(state.target), colour);
  ring(right.context, right.room, at(state.translated), colour, 6);
  ring(right.context, right.room, at(state.target), colour, 3);
  if (step !== 1) ring(right.context, right.room, at(now), colour, 4.5);
}

function paintMaps(left, right, act) {
  const { ui, root } = act;
  const { state, step = 1 } = ui;
  paintSource(left.context, left.room, ui);
  const now = placed(state, step);
  paintDots(right.context, right.room, now, state);
  const marks = [
    [state.row.get(act.data().atom), style(root, "--text")],
    [ui.hovered, style(root, "--focus")],
  ];
  for (const [i, colour] of marks) {
    if (i !== undefined && i !== null) paintMark(left, right, i, colour, now, state, step);
  }
}

export function paint(act) {
  const canvases = [...act.root.querySelectorAll(".left canvas, .right canvas")];
  const { state } = act.ui;
  if (canvases.length < 2 || !state) return;
  const [left, right] = canvases.map((canvas) => ({ canvas, context: canvas.getContext("2d") }));
  if (!state.n) {
    for (const { canvas, context } of [left, right]) context.clearRect(0, 0, canvas.width, canvas.height);
    return;
  }
  for (const map of [left, right]) map.room = frame(map.canvas);
  if (Math.min(left.room.width, right.room.width) >= 10) paintMaps(left, right, act);
}

// Once before the next frame, however often it is asked for
export function soon(act) {
  if (act.ui.waiting) return;
  act.ui.waiting = true;
  requestAnimationFrame(() => {
    act.ui.waiting = false;
    paint(act);
  });
}
