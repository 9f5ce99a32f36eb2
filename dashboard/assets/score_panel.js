// Two digits tell scores apart; an error with a unit is a whole number.
const told = (value, unit) => (value === null || value === undefined ? "–" : (unit ? count(Math.round(value)) : value.toFixed(2).replace(/^-(0\.00)$/, "$1")).replace("-", "−"));

// A bar from 0 to 1; what lies below 0 is written, not drawn. The dark stroke is the range over the splits, else the interval.
function scoreBar(bar, top, unit = "") {
  const at = (value) => `${100 * Math.max(0, Math.min(1, value / top))}%`;
  const shown = told(bar.value, unit), known = (pair) => pair && pair[0] !== null && pair[1] !== null;
  const stroke = known(bar.range) ? bar.range : known(bar.interval) ? bar.interval : null;
  const spans = [known(bar.range) ? `${told(bar.range[0], unit)} to ${told(bar.range[1], unit)} over the splits` : "", known(bar.interval) ? `95 % by the choice of structures: ${told(bar.interval[0], unit)} to ${told(bar.interval[1], unit)}` : ""].filter(Boolean).join("; ");
  return [
    h("span", { key: `l-${bar.label}`, class: `label ${bar.control ? "" : "own"}`, title: bar.label }, bar.label),
    h("span", { key: `t-${bar.label}`, class: "track", role: "img", "aria-label": `${bar.label}: ${shown}${spans ? `; ${spans}` : ""}`, title: spans || null },
      bar.value === null ? null : h("i", { class: bar.control ? "" : "own", style: { width: at(bar.value) } }),
      stroke ? h("b", { style: { left: at(stroke[0]), width: `calc(${at(stroke[1])} - ${at(stroke[0])} + 1px)` } }) : null),
    h("span", { key: `v-${bar.label}`, class: "number", title: spans || null }, shown),
  ];
}

function chartBox(chart, cls, heading = h("h2", {}, chart.title)) {
  const top = Math.max(chart.unit ? 0 : 1, ...chart.bars.map((bar) => bar.range?.[1] ?? bar.interval?.[1] ?? bar.value ?? 0)) || 1;
  return h("section", { key: cls, class: `chart ${cls}`, "aria-label": chart.title, "data-test": `chart-${cls}` }, heading, h("p", {}, chart.words),
    h("div", { class: "bars" }, chart.bars.map((bar) => scoreBar(bar, top, chart.unit))));
}

function scoreChoice(charts, chosen, key, test, ui, act) {
  if (charts.length < 2) return undefined;
  return h("select", { class: "heading", "aria-label": "Which score", "data-test": test, value: chosen.name, on: { change: (event) => { ui[key] = event.target.value; act.draw(); } } },
    charts.map((each) => h("option", { key: each.name, value: each.name }, each.title)));
}

// The score that tells trained from untrained stays, the others share a place beside it; where there is room for one, all share it.
function chartBoxes(charts, ui, act) {
  const [lead, ...others] = charts, second = others.find((each) => each.name === ui.second) || others[0], single = charts.find((each) => each.name === ui.single) || lead;
  return [chartBox(lead, "lead"), second ? chartBox(second, "second", scoreChoice(others, second, "second", "second-score", ui, act)) : null,
    chartBox(single, "single", scoreChoice(charts, single, "single", "single-score", ui, act))];
}

// The score over what the fit is given, on a logarithmic axis; the band is the range over the splits or draws
function curveBox(curve) {
  const points = (curve?.points || []).filter((each) => each.mean !== null);
  if (points.length < 2) return null;
  const [w, ht, left, right, top, bottom] = [250, 96, 30, 10, 8, 18];
  const low = Math.max(-1, Math.min(0, ...points.map((each) => each.low))), first = Math.log(points[0].n), last = Math.log(points.at(-1).n);
  const x = (n) => left + ((Math.log(n) - first) / (last - first)) * (w - left - right);
  const y = (value) => top + ((1 - Math.max(low, value)) / (1 - low)) * (ht - top - bottom);
  const path = (key) => points.map((each) => `${x(each.n).toFixed(1)},${y(each[key]).toFixed(1)}`);
  const words = points.map((each) => `${count(each.n)}: ${each.mean.toFixed(2)} (${each.low.toFixed(2)} to ${each.high.toFixed(2)})`).join("; ");
  return [h("p", { key: "words" }, `Explained within elements, over the number of ${curve.over}. Below 0 it is worse than no fit${low <= -1 && points.some((each) => each.mean < -1) ? "; −1 stands for all below" : ""}.`),
    h("svg", { viewBox: `0 0 ${w} ${ht}`, class: "curve", role: "img", "aria-label": words, "data-test": "curve" },
      h("path", { class: "band", d: `M${path("low").join("L")}L${path("high").reverse().join("L")}Z` }),
      h("line", { x1: left, x2: w - right, y1: y(0), y2: y(0), class: "zero" }),
      h("path", { class: "mean", d: `M${path("mean").join("L")}` }),
      points.map((each) => h("circle", { key: each.n, cx: x(each.n).toFixed(1), cy: y(each.mean).toFixed(1), r: 2.5 })),
      [low, 0, 1].filter((value, i, all) => all.indexOf(value) === i).map((value) => h("text", { key: `y${value}`, x: left - 4, y: y(value) + 3.5, "text-anchor": "end" }, value === low && low < 0 ? value.toFixed(1).replace("-", "−") : String(value))),
      points.map((each, i) => h("text", { key: `x${i}`, x: x(each.n), y: ht - 4, "text-anchor": i === 0 ? "start" : i === points.length - 1 ? "end" : "middle" }, count(each.n))))];
}

function worstBox(data, act) {
  return [h("p", { key: "what" }, "Unseen crystals by the mean error of their atoms, in units of the target’s spread"), h("ul", { key: "worst", class: "worst", "data-test": "worst" }, data.worst.map((each) => h("li", { key: each.structure },
    h("button", { type: "button", "data-test": `worst-${each.structure}`, title: "Show this crystal and select its atoms", on: { click: () => act.emit("structure", { structure: each.structure }) } },
      h("span", { class: "words" }, each.formula), h("span", { class: "number" }, told(each.error))))))];
}

function statusRow(data, act) {
  const { progress } = data;
  if (progress) return h("div", { key: "status", class: "status", role: "status" }, h("span", {}, progress.text), h("progress", { max: "1", value: progress.fraction ?? null, "aria-label": progress.text }),
    progress.cancellable && button("Cancel", { test: "score-cancel", on: () => act.emit("cancel") }));
  if (data.charts.length) return null;
  return h("div", { key: "status", class: "status wrap" }, button("Score this stitch", { test: "score", title: "Ten splits by structure, with every control; takes about half a minute", reason: data.reason, on: () => act.emit("score") }), pairsButton(data, act), benchButton(data, act));
}

function offerButton(data, act) {
  return data.offer ? button(data.offer.label, { test: "offer", title: data.offer.title, on: () => act.emit("method", { method: data.offer.method }) }) : null;
}

function energiesBox(data, act) {
  return [data.facts.length ? h("p", { key: "what" }, "Mean error of unseen crystals, per atom. Potentials themselves are 10 to 30 meV from DFT.") : null, data.facts.length ? h("dl", { key: "facts", class: "facts", "data-test": "facts" }, data.facts.map(([name, value]) => [h("dt", { key: `n-${name}` }, name), h("dd", { key: `v-${name}` }, value)])) : null,
    data.note ? h("p", { key: "note", "data-test": "note" }, data.note) : null,
    data.offer ? h("div", { key: "more", class: "status wrap" }, offerButton(data, act)) : null];
}

function parityButton(data, act) {
  return data.energies?.structures ? button("Crystal by crystal", { test: "parity", title: "Energies of the stitched model against others", on: () => { act.ui.parity = true; act.draw(); } }) : null;
}

// What else there is to a scored stitch, one at a time, and the ways to what lies beyond it.
function moreBox(data, ui, act) {
  const curve = curveBox(data.curve);
  const parts = [["energies", "Energies", energiesBox(data, act), data.facts.length || data.note || data.offer], ["curve", "Curve", curve, curve], ["worst", "Worst crystals", worstBox(data, act), data.worst.length]].filter(([, , , there]) => there);
  const chosen = parts.find(([name]) => name === ui.part) || parts[0] || ["none", "More", null];
  return h("section", { key: "more", class: "more", "aria-label": chosen[1] },
    parts.length ? segmented({ id: "part", label: "More", value: chosen[0], options: parts.map(([value, label]) => ({ value, label })) }, (value) => { ui.part = value; act.draw(); }) : null,
    h("div", { key: `part-${chosen[0]}`, class: "part" }, chosen[2]), h("div", { key: "ways", class: "status wrap" }, parityButton(data, act), pairsButton(data, act), benchButton(data, act)));
}

const MATRIX = [{ value: "r2", label: "Within elements", title: "Variance explained after each element’s mean is taken away" }, { value: "r2_raw", label: "In all", title: "Variance explained; the element alone explains much of it" },
  { value: "element_at_1", label: "Same element", title: "Share of unseen atoms whose nearest place in the target is of their element" }, { value: "atom_at_1", label: "Same atom", title: "Share of unseen atoms whose nearest place in the target is their own" },
  { value: "structure_at_1", label: "Same crystal", title: "Share of unseen atoms whose nearest place in the target is in their crystal" },
  { value: "energy_mae", label: "Energy", title: "Median error of energies through the target’s readout, element energies fitted; meV per atom, smaller is better" }];
const NOTES = { r2_raw: "Here a control can beat trained models: most of the variance is the element.", element_at_1: "The element’s mean alone does well here.", energy_mae: "Median error of unseen crystals, meV per atom, element energies fitted; smaller is better. The mean stands in the tooltip: one crystal whose translated features leave what a readout knows can decide it. Columns are empty where a model has no energies of atoms, or its environment is not installed." };
const ENERGY_SCALE = 0.5; // eV per atom, about what composition alone leaves: no colour from here on

function matrixCell(pairs, score, i, j, act) {
  const table = pairs.scores[score], energy = score === "energy_mae", value = table[energy ? "median" : "mean"][i][j], show = (each) => told(energy ? 1000 * each : each, energy ? "meV" : "");
  const spread = energy ? "95 % by the choice of crystals" : "over the splits";
  const other = energy ? `mean ${show(table.mean[i][j])}, ` : `median ${show(table.median[i][j])}, `;
  const words = value === null ? (energy ? "no energies" : "nothing is left to explain") : `${show(value)} (${other}${show(table.low[i][j])} to ${show(table.high[i][j])} ${spread})`;
  const title = `${pairs.titles[i]} → ${pairs.titles[j]}: ${words}`, depth = value === null ? 0 : Math.max(0, Math.min(1, energy ? 1 - value / ENERGY_SCALE : value));
  return h("td", { key: j }, h("button", { type: "button", title, "aria-label": title, "aria-disabled": i === j ? "true" : null, class: depth > 0.55 ? "deep" : "", "data-test": `pair-${pairs.names[i]}-${pairs.names[j]}`,
    style: { background: `color-mix(in srgb, var(--accent) ${Math.round(100 * depth)}%, transparent)` },
    on: { click: () => { if (i !== j) { act.ui.all = false; act.emit("pair", { source: pairs.names[i], target: pairs.names[j] }); act.draw(); } } } }, value === null ? "–" : show(value)));
}

function matrixTable(pairs, score, act) {
  const name = (i) => `${pairs.titles[i]}${pairs.controls.includes(pairs.names[i]) ? " ·" : ""}`;
  return h("div", { class: "matrix-room" }, h("table", { class: "matrix", "data-test": "matrix" }, h("caption", { class: "muted" }, "Rows are translated into columns. A click shows the pair. · marks a control."),
    h("thead", {}, h("tr", {}, h("th", {}), pairs.names.map((each, j) => h("th", { key: each, scope: "col" }, h("span", {}, name(j)))))),
    h("tbody", {}, pairs.names.map((each, i) => h("tr", { key: each }, h("th", { scope: "row" }, name(i)), pairs.names.map((_, j) => matrixCell(pairs, score, i, j, act)))))));
}

function ladderBox(pairs) {
  const bars = pairs.ladder.map((rung) => ({ label: `${rung.label} (${count(rung.n)})`, value: Math.max(0, rung.mean), range: [rung.low, rung.high], control: rung.name === "control" }));
  return h("section", { key: "ladder", class: "ladder", "data-test": "ladder" }, h("h3", {}, "The ladder: explained within elements, by kin"),
    h("p", { class: "muted" }, "Targets are trained models. A bar is the mean over pairs, its stroke runs from the worst pair to the best."), h("div", { class: "bars" }, bars.map((bar) => scoreBar(bar, 1))));
}

function reversalBox(pairs) {
  if (!pairs.reversals.length) return h("p", { key: "none" }, "Every trained source explains every trained target better than every control.");
  return h("details", { key: "reversals", "data-test": "reversals" }, h("summary", {}, `${plural(pairs.reversals.length, "pair")} in which a control explains more than a trained model`),
    h("ul", {}, pairs.reversals.map((each) => h("li", { key: each }, each))));
}

function pairsDialog(data, ui, act) {
  const pairs = data.pairs || {}, close = () => { if (ui.all) { ui.all = false; act.draw(); } };
  const wait = pairs.progress && h("div", { key: "wait", class: "status", role: "status" }, h("span", {}, "Translating every model into every other"),
    h("progress", { max: "1", value: pairs.progress.fraction ?? null, "aria-label": "All pairs" }), button("Cancel", { test: "pairs-cancel", on: () => act.emit("pairs_cancel") }));
  const options = MATRIX.filter((each) => pairs.scores?.[each.value]), score = options.some((each) => each.value === ui.score) ? ui.score : "r2";
  const body = pairs.names ? [
    ladderBox(pairs), reversalBox(pairs),
    h("div", { key: "choose", class: "status" }, segmented({ id: "matrix", label: "Which score", value: score, options }, (value) => { ui.score = value; act.draw(); })),
    matrixTable(pairs, score, act),
    h("p", { key: "sites", class: "muted" }, `${count(pairs.sites)} sites that all models embed, ridge, ten splits by structure.`, pairs.left_out.length ? ` Left out, because a model throws an atom of theirs far off: ${pairs.left_out.join(", ")}.` : "",
      NOTES[score] ? ` ${NOTES[score]}` : "", score === "energy_mae" && pairs.reasons.length ? ` ${pairs.reasons.join(" ")}` : "")]
    : [wait || h("p", { key: "problem" }, pairs.problem || "Cancelled."), wait ? null : button("Compute", { test: "pairs-again", on: () => act.emit("pairs") })];
  return dialog({ key: "pairs", open: Boolean(ui.all), title: "All pairs of models", test: "pairs-dialog", close, cls: "wide pairs" }, ...body);
}

function pairsButton(data, act) {
  return button("All pairs", { test: "pairs", title: "Every model into every other: a ladder of kin and a matrix; takes a minute or two the first time",
    on: () => { act.ui.all = true; act.emit("pairs"); act.draw(); } });
}

function view(data, ui, act) {
  if (!data.charts) return h("div", { class: "scores" });
  const scored = data.charts.length > 0;
  return h("div", { class: "scores", "data-test": "scores" },
    scored ? chartBoxes(data.charts, ui, act) : h("section", { key: "none", class: "lead" }, h("h2", {}, data.title), h("p", {}, data.reason || data.note), data.offer && !data.reason ? h("p", { key: "offer" }, data.offer.reason, " ", offerButton(data, act)) : null, statusRow(data, act)),
    scored ? moreBox(data, ui, act) : null,
    pairsDialog(data, ui, act), parityDialog(data, ui, act), benchDialog(data, ui, act));
}

export function render({ model, el }) {
  component(model, el, view);
}
