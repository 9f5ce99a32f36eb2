import { button } from "../common/controls.js";
import { count, minus } from "../common/numbers.js";
import { h } from "../common/tree.js";

const ORDERS = { change: "By influence", element: "By element" };

function ask(act, { what, label, words, progress }) {
  const reason = progress ? "Something is being measured" : "";
  return [
    h("p", { class: "muted" }, words),
    button(label, { test: `lab-${what}`, reason, on: () => act.emit("examine", { what }) }),
  ];
}

function anchorRow({ site, symbol, formula, change }, most, act) {
  const width = `${(50 * Math.abs(change)) / most}%`;
  const bar = h("i", {
    class: change < 0 ? "harm" : "own",
    style: change < 0 ? { right: "50%", width } : { left: "50%", width },
  });
  const words = `${symbol} in ${formula}: ${minus(change.toFixed(4))}`;
  return h(
    "li",
    { key: site },
    button(`${symbol} in ${formula}`, {
      test: `lab-anchor-${site}`,
      cls: "quiet",
      title: "Ring it in the maps",
      on: () => act.emit("point", { site }),
    }),
    h("span", { class: "track both", role: "img", "aria-label": words }, bar),
    h("span", { class: "number" }, minus(change.toFixed(4))),
  );
}

function orderButton(act, order) {
  const other = order === "change" ? "element" : "change";
  return button(ORDERS[order], {
    test: "lab-order",
    title: `Sort: ${ORDERS[other].toLowerCase()}`,
    on: () => act.change({ order: other }),
  });
}

// How agreement changes when an anchor is left out, for each of them
export function influenceBox({ influence, progress }, act) {
  const order = act.ui.order || "change";
  const words = "Leaves out one anchor after the other: how far do the trained models agree without it?";
  const rows = order === "change" ? influence : [...(influence || [])].sort((a, b) => a.symbol.localeCompare(b.symbol));
  const most = Math.max(1e-9, ...(influence || []).map(({ change }) => Math.abs(change)));
  const body = influence
    ? [
        h(
          "p",
          { class: "muted" },
          "Mean agreement of the trained models with the anchor, less that without it: right of the middle it helps. A click rings it in the maps.",
        ),
        h(
          "ul",
          { class: "influences", tabindex: "0", "data-test": "lab-influences" },
          rows.map((row) => anchorRow(row, most, act)),
        ),
      ]
    : ask(act, { what: "influence", label: "Measure each anchor", words, progress });
  return h(
    "section",
    { key: "influence", class: "wide", "aria-label": "Influence of each anchor" },
    h("h2", {}, "Influence of each anchor ", influence ? orderButton(act, order) : null),
    body,
  );
}

const ROOM = { width: 420, height: 150, left: 30, right: 12, top: 8, bottom: 16 };

function scales(points) {
  const { width, height, left, right, top, bottom } = ROOM;
  const [first, last] = [Math.log(points[0].n), Math.log(points.at(-1).n)];
  return {
    x: (n) => left + ((Math.log(n) - first) / (last - first || 1)) * (width - left - right),
    y: (value) => top + (1 - Math.max(0, Math.min(1, value))) * (height - top - bottom),
  };
}

function line(points, { x, y }, kind) {
  const known = points.filter(({ mean }) => mean !== null);
  const path = (name) => known.map((each) => `${x(each.n).toFixed(1)},${y(each[name]).toFixed(1)}`);
  if (known.length < 2) return null;
  return [
    h("path", {
      key: `band-${kind}`,
      class: `band ${kind}`,
      d: `M${path("low").join("L")}L${path("high").reverse().join("L")}Z`,
    }),
    h("path", { key: `mean-${kind}`, class: `mean ${kind}`, d: `M${path("mean").join("L")}` }),
  ];
}

function meanOf(models) {
  const values = models
    .filter(({ control }) => !control)
    .flatMap(({ agreement }) => agreement)
    .filter((value) => value !== null);
  return values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
}

function drawing({ curve, models, n }) {
  const to = scales(curve.trained);
  const mine = meanOf(models);
  const far = ({ n: at }, i, all) => i === all.length - 1 || to.x(all.at(-1).n) - to.x(at) > 24;
  const label = (at) =>
    h("text", { key: `x${at}`, x: to.x(at), y: ROOM.height - 3, "text-anchor": "middle" }, count(at));
  const labels = curve.trained.filter(far).map((point) => label(point.n));
  const heights = [0, 0.5, 1].map((value) =>
    h("text", { key: `y${value}`, x: ROOM.left - 5, y: to.y(value) + 3, "text-anchor": "end" }, String(value)),
  );
  const words = curve.trained.map((each) => `${count(each.n)} anchors: ${each.mean}`).join("; ");
  return h(
    "svg",
    {
      class: "curve lines",
      viewBox: `0 0 ${ROOM.width} ${ROOM.height}`,
      role: "img",
      "aria-label": words,
      "data-test": "lab-curve",
    },
    line(curve.controls, to, "control"),
    line(curve.trained, to, "own"),
    mine === null ? null : h("circle", { key: "mine", class: "mine", cx: to.x(n), cy: to.y(mine), r: 4 }),
    labels,
    heights,
  );
}

// Agreement of sets drawn at random, over how many anchors they have; the set in use is a dot
export function curveBox(lab, act) {
  const words =
    "Draws 20 random sets of each of several sizes: does the set in use do better than so many anchors by chance?";
  const body = lab.curve
    ? [
        drawing(lab),
        h(
          "p",
          { class: "muted" },
          "Mean agreement over the number of anchors: blue the trained models, grey the controls, each with the band of 20 random sets (5 to 95 %); the dot is the set in use.",
        ),
      ]
    : ask(act, { what: "curve", label: "Measure random sets", words, progress: lab.progress });
  return h(
    "section",
    { key: "curve", class: lab.curve ? "wide side" : "wide", "aria-label": "Random sets" },
    h("h2", {}, "Random sets of every size"),
    body,
  );
}
