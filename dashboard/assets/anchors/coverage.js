import { count, short } from "../common/numbers.js";
import { h } from "../common/tree.js";

const EMPTY = "Choose anchors to see how far every site is from its nearest one.";
const [WIDTH, HEIGHT] = [100, 40];

function histogram({ counts, n, low, high, mean }) {
  const most = Math.max(1, ...counts);
  const width = WIDTH / counts.length - 0.3;
  const at = high > 0 ? (WIDTH * mean) / high : 0;
  const tall = (number) => ((HEIGHT - 1) * number) / most;
  const bar = (number, i) =>
    h("rect", { x: (WIDTH * i) / counts.length + 0.15, width, y: HEIGHT - tall(number), height: tall(number) });
  const words = `Distances of ${count(n)} sites to their nearest anchor, from ${short(low)} to ${short(high)}`;
  const room = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none" };
  return h(
    "svg",
    { class: "histogram", ...room, role: "img", "data-test": "coverage-histogram", "aria-label": words },
    counts.map(bar),
    h("line", { class: "mean", x1: at, x2: at, y1: 0, y2: HEIGHT }),
  );
}

function numbers({ mean, max }) {
  return h(
    "dl",
    {},
    h("dt", {}, "mean"),
    h("dd", { class: "number", "data-test": "coverage-mean" }, short(mean)),
    h("dt", {}, "largest"),
    h("dd", { class: "number", "data-test": "coverage-max" }, short(max)),
  );
}

function distances(coverage) {
  const ends = [coverage.low, coverage.high].map((end) => h("span", {}, short(end)));
  return [
    h("p", { class: "muted" }, `Distance of every site to its nearest anchor, ${coverage.reference}`),
    histogram(coverage),
    h("div", { class: "ends muted" }, ends),
    numbers(coverage),
    h("p", { class: "muted" }, "The table on the left shows it by element."),
  ];
}

// How far the sites are from their nearest anchors
export function coverageBox(coverage) {
  const body = coverage?.n ? distances(coverage) : h("p", { class: "muted" }, EMPTY);
  const props = { key: "coverage", class: "coverage", "aria-label": "Coverage", "data-test": "coverage" };
  return h("section", props, h("h2", {}, "Coverage"), body);
}
