import { dropdown } from "../common/controls.js";
import { told } from "../common/numbers.js";
import { h } from "../common/tree.js";

const known = (pair) => Boolean(pair) && pair[0] !== null && pair[1] !== null;

// What is said of the spread of a value, as far as it is known
function spreadWords({ range, interval }, unit) {
  const [from, to] = (known(range) && range) || [];
  const [low, high] = (known(interval) && interval) || [];
  return [
    known(range) ? `${told(from, unit)} to ${told(to, unit)} over the splits` : "",
    known(interval) ? `95 % by the choice of structures: ${told(low, unit)} to ${told(high, unit)}` : "",
  ]
    .filter(Boolean)
    .join("; ");
}

function strokeOf({ range, interval }) {
  if (known(range)) return range;
  return known(interval) ? interval : null;
}

// A bar from 0 to `top`; what lies below 0 is written, not drawn. The dark stroke is the range over the splits, else
// the interval.
export function scoreBar(bar, top, unit = "") {
  const at = (value) => `${100 * Math.max(0, Math.min(1, value / top))}%`;
  const shown = told(bar.value, unit);
  const spread = spreadWords(bar, unit);
  const [from, to] = strokeOf(bar) || [];
  const own = bar.control ? "" : "own";
  const drawn = bar.value === null ? null : h("i", { class: own, style: { width: at(bar.value) } });
  const length = `calc(${at(to)} - ${at(from)} + 1px)`;
  const stroke = from === undefined ? null : h("b", { style: { left: at(from), width: length } });
  const words = `${bar.label}: ${shown}${spread ? `; ${spread}` : ""}`;
  const track = { class: "track", role: "img", "aria-label": words, title: spread || null };
  return [
    h("span", { key: `l-${bar.label}`, class: `label ${own}`, title: bar.label }, bar.label),
    h("span", { key: `t-${bar.label}`, ...track }, drawn, stroke),
    h("span", { key: `v-${bar.label}`, class: "number", title: spread || null }, shown),
  ];
}

const farthest = (bar) => bar.range?.[1] ?? bar.interval?.[1] ?? bar.value ?? 0;

function chartBox(chart, cls, heading = h("h2", {}, chart.title)) {
  const top = Math.max(chart.unit ? 0 : 1, ...chart.bars.map(farthest)) || 1;
  const bars = chart.bars.map((bar) => scoreBar(bar, top, chart.unit));
  const props = { key: cls, class: `chart ${cls}`, "aria-label": chart.title, "data-test": `chart-${cls}` };
  return h("section", props, heading, h("p", {}, chart.words), h("div", { class: "bars" }, bars));
}

// The heading of a chart that others can take the place of
function chartChoice(charts, chosen, place, act) {
  if (charts.length < 2) return undefined;
  const options = charts.map((each) => ({ value: each.name, label: each.title }));
  const props = { class: "heading", "aria-label": "Which score", "data-test": `${place}-score` };
  return dropdown(options, chosen.name, (name) => act.change({ [place]: name }), props);
}

// The score that tells trained from untrained stays, the others share a place beside it; where there is room for one,
// all share it.
export function chartBoxes(charts, ui, act) {
  const [lead, ...others] = charts;
  const second = others.find((each) => each.name === ui.second) || others[0];
  const single = charts.find((each) => each.name === ui.single) || lead;
  return [
    chartBox(lead, "lead"),
    second ? chartBox(second, "second", chartChoice(others, second, "second", act)) : null,
    chartBox(single, "single", chartChoice(charts, single, "single", act)),
  ];
}
