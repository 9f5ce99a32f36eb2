import { button, dropdown } from "../common/controls.js";
import { count, minus } from "../common/numbers.js";
import { h } from "../common/tree.js";

const ORDERS = {
  change: { label: "By influence", less: (a, b) => b.change - a.change },
  element: { label: "By element", less: (a, b) => a.symbol.localeCompare(b.symbol) },
  near: { label: "By sites near", less: (a, b) => b.n_nearest - a.n_nearest },
};

function askFor(act, { what, label, words, progress }) {
  const reason = progress ? "Something is being measured" : "";
  return [
    h("p", { class: "muted" }, words),
    button(label, { test: `lab-${what}`, reason, on: () => act.emit("examine", { what }) }),
  ];
}

function changeBar({ change }, words, most) {
  if (change === null) return h("span", { class: "track both" });
  const width = `${(50 * Math.abs(change)) / most}%`;
  const bar =
    change < 0 ? { class: "harm", style: { right: "50%", width } } : { class: "own", style: { left: "50%", width } };
  return h("span", { class: "track both", role: "img", "aria-label": words }, h("i", bar));
}

function anchorRow(anchor, most, act) {
  const { site, symbol, formula, change, n_nearest: near } = anchor;
  const told = change === null ? "–" : minus(change.toFixed(4));
  const words = `${symbol} in ${formula}`;
  const title = near === null ? words : `${words}, the nearest anchor of ${count(near)} sites`;
  const on = () => act.emit("point", { site });
  return h(
    "li",
    { key: site },
    button(words, { test: `lab-anchor-${site}`, cls: "quiet", title, on }),
    changeBar(anchor, `${words}: ${told}`, most),
    h("span", { class: "number" }, told),
  );
}

function orderChoice(lab, act) {
  const known = { change: lab.influenced, element: true, near: lab.anchors.some((each) => each.n_nearest !== null) };
  const options = Object.keys(ORDERS)
    .filter((name) => known[name])
    .map((value) => ({ value, label: ORDERS[value].label }));
  const chosen = known[act.ui.order] ? act.ui.order : options[0].value;
  const props = { class: "field", "data-test": "lab-order", "aria-label": "Order" };
  return { chosen, field: dropdown(options, chosen, (order) => act.change({ order }), props) };
}

function neighbourButton({ site, words, cosine }, act) {
  const props = { test: `lab-near-${site}`, title: `Cosine ${cosine.toFixed(3)}: ring it in the maps` };
  return button(words, { ...props, on: () => act.emit("point", { site }) });
}

function card(lab, act) {
  const { card: of } = lab;
  if (!of) return h("p", { class: "muted" }, "Press an anchor: why it is one.");
  const facts = [["Crystal", of.crystal], ...of.environment].map(([name, value]) => [
    h("dt", {}, name),
    h("dd", {}, value),
  ]);
  return [
    h("b", { "data-test": "lab-card" }, of.title),
    h("dl", {}, facts),
    h("p", {}, `The nearest anchor of ${count(of.n_nearest)} sites in ${of.model}. Most like it there:`),
    h(
      "div",
      { class: "few" },
      of.nearest.map((each) => neighbourButton(each, act)),
    ),
  ];
}

const HELPS = "Mean agreement of the trained models with the anchor, less that without it. On the maps:";
const mark = (kind) => h("i", { class: `mark ${kind}`, "aria-hidden": "true" });

// What the marks of the anchors say, as the maps draw them
function marksLegend() {
  const words = [HELPS, " ", mark("own"), " helps, ", mark("harm"), " hinders; the larger, the more."];
  return h("p", { class: "muted", "data-test": "lab-marks" }, words);
}

// Each anchor: how agreement changes when it is left out, and why it is one
export function anchorBoxes(lab, act) {
  const { chosen, field } = orderChoice(lab, act);
  const anchors = [...lab.anchors].sort(ORDERS[chosen].less);
  const most = Math.max(1e-9, ...anchors.map(({ change }) => Math.abs(change || 0)));
  const words = "How far do the trained models agree when it is left out?";
  const ask = askFor(act, { what: "influence", label: "Measure the influence", words, progress: lab.progress });
  const head = [h("h2", {}, "Influence of each anchor"), field];
  const list = { class: "influences", tabindex: "0", "data-test": lab.influenced ? "lab-influences" : "lab-anchors" };
  return [
    h(
      "section",
      { key: "influence", "aria-label": "Influence of each anchor" },
      h("div", { class: "line" }, head),
      h("div", { class: "line" }, lab.influenced ? marksLegend() : ask),
      h(
        "ul",
        list,
        anchors.map((each) => anchorRow(each, most, act)),
      ),
    ),
    h(
      "section",
      { key: "card", class: "card", "aria-label": "Why this anchor" },
      h("h2", {}, "Why this anchor"),
      card(lab, act),
    ),
  ];
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

function dot(kind, to, n, mean) {
  return mean === null ? null : h("circle", { key: kind, class: kind, cx: to.x(n), cy: to.y(mean), r: 4 });
}

function drawing({ curve, models, n, beside }) {
  const to = scales(curve.trained);
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
    beside ? dot("theirs", to, beside.n, meanOf(Object.values(beside.models))) : null,
    dot("mine", to, n, meanOf(models)),
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
          "Mean agreement over the number of anchors: blue the trained models, grey the controls, each with the band of 20 random sets (5 to 95 %); the dot is the set in use" +
            (lab.beside ? `, the red one ${lab.beside.name}.` : "."),
        ),
      ]
    : askFor(act, { what: "curve", label: "Measure random sets", words, progress: lab.progress });
  return h(
    "section",
    { key: "curve", class: lab.curve ? "wide side" : "wide", "aria-label": "Random sets" },
    h("h2", {}, "Random sets of every size"),
    body,
  );
}
