import { count, minus } from "../common/numbers.js";
import { h } from "../common/tree.js";

// The score over what the fit is given, on a logarithmic axis; the band is the range over the splits or draws.
const ROOM = { width: 250, height: 96, left: 30, right: 10, top: 8, bottom: 18 };
const LOWEST = -1; // what is below is drawn here

function scalesOf(points) {
  const { width, height, left, right, top, bottom } = ROOM;
  const low = Math.max(LOWEST, Math.min(0, ...points.map((each) => each.low)));
  const first = Math.log(points[0].n);
  const last = Math.log(points.at(-1).n);
  return {
    low,
    x: (n) => left + ((Math.log(n) - first) / (last - first)) * (width - left - right),
    y: (value) => top + ((1 - Math.max(low, value)) / (1 - low)) * (height - top - bottom),
  };
}

function explanation(curve, points, low) {
  const cut = low <= LOWEST && points.some((each) => each.mean < LOWEST);
  const below = `Below 0 it is worse than no fit${cut ? "; −1 stands for all below" : ""}.`;
  return `Explained within elements, over the number of ${curve.over}. ${below}`;
}

function pointWords({ n, mean, low, high }) {
  return `${count(n)}: ${mean.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
}

function heightLabels({ low, y }) {
  const values = [...new Set([low, 0, 1])];
  const words = (value) => (value === low && low < 0 ? minus(value.toFixed(1)) : String(value));
  const props = (value) => ({ key: `y${value}`, x: ROOM.left - 4, y: y(value) + 3.5, "text-anchor": "end" });
  return values.map((value) => h("text", props(value), words(value)));
}

function numberLabels(points, { x }) {
  const anchorOf = (i) => (i === 0 ? "start" : i === points.length - 1 ? "end" : "middle");
  return points.map(({ n }, i) => {
    const props = { key: `x${i}`, x: x(n), y: ROOM.height - 4, "text-anchor": anchorOf(i) };
    return h("text", props, count(n));
  });
}

function drawing(points, scales) {
  const { x, y } = scales;
  const { width, height, left, right } = ROOM;
  const path = (name) => points.map((each) => `${x(each.n).toFixed(1)},${y(each[name]).toFixed(1)}`);
  const words = points.map(pointWords).join("; ");
  const dot = ({ n, mean }) => h("circle", { key: n, cx: x(n).toFixed(1), cy: y(mean).toFixed(1), r: 2.5 });
  return h(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, class: "curve", role: "img", "aria-label": words, "data-test": "curve" },
    h("path", { class: "band", d: `M${path("low").join("L")}L${path("high").reverse().join("L")}Z` }),
    h("line", { x1: left, x2: width - right, y1: y(0), y2: y(0), class: "zero" }),
    h("path", { class: "mean", d: `M${path("mean").join("L")}` }),
    points.map(dot),
    heightLabels(scales),
    numberLabels(points, scales),
  );
}

// Nothing where there are fewer than two points.
export function curveBox(curve) {
  const points = (curve?.points || []).filter((each) => each.mean !== null);
  if (points.length < 2) return null;
  const scales = scalesOf(points);
  return [h("p", { key: "words" }, explanation(curve, points, scales.low)), drawing(points, scales)];
}
