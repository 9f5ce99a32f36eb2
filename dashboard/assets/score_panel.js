// A bar from 0 to 1; what lies below 0 is written, not drawn. The dark stroke is the range over the splits.
function scoreBar(bar, top) {
  const at = (value) => `${100 * Math.max(0, Math.min(1, value / top))}%`;
  const shown = bar.value === null ? "–" : short(bar.value);
  return [
    h("span", { key: `l-${bar.label}`, class: `label ${bar.control ? "" : "own"}`, title: bar.label }, bar.label),
    h("span", { key: `t-${bar.label}`, class: "track", role: "img", "aria-label": `${bar.label}: ${shown}` },
      bar.value === null ? null : h("i", { class: bar.control ? "" : "own", style: { width: at(bar.value) } }),
      bar.low === null || bar.high === null ? null : h("b", { style: { left: at(bar.low), width: `calc(${at(bar.high)} - ${at(bar.low)} + 1px)` } })),
    h("span", { key: `v-${bar.label}`, class: "number", title: bar.low === null ? null : `${short(bar.low)} to ${short(bar.high)}` }, shown),
  ];
}

function chartBox(chart, i) {
  const top = Math.max(chart.unit ? 0 : 1, ...chart.bars.map((bar) => bar.high ?? bar.value ?? 0)) || 1;
  return h("section", { key: chart.title, class: i ? "" : "lead", "aria-label": chart.title, "data-test": `chart-${i}` },
    h("h2", {}, chart.title, chart.unit ? h("span", { class: "muted" }, ` ${chart.unit}`) : null), h("p", {}, chart.words),
    h("div", { class: "bars" }, chart.bars.map((bar) => scoreBar(bar, top))));
}

function worstBox(data, act) {
  if (!data.worst.length) return null;
  return h("section", { key: "worst", "aria-label": "Worst structures" }, h("h2", {}, "Worst structures"),
    h("ul", { class: "worst", "data-test": "worst" }, data.worst.map((each) => h("li", { key: each.structure },
      h("button", { type: "button", "data-test": `worst-${each.structure}`, title: "Select its atoms", on: { click: () => act.emit("structure", { structure: each.structure }) } },
        h("span", { class: "words" }, each.formula), h("span", { class: "number" }, short(each.error)))))));
}

function statusRow(data, act) {
  const { progress } = data;
  if (progress) return h("div", { key: "status", class: "status", role: "status" }, h("span", {}, progress.text), h("progress", { max: "1", value: progress.fraction ?? null, "aria-label": progress.text }),
    progress.cancellable && button("Cancel", { test: "score-cancel", on: () => act.emit("cancel") }));
  if (data.charts.length) return null;
  return h("div", { key: "status", class: "status" }, button("Score this stitch", { test: "score", title: "Ten splits by structure, with every control; takes some seconds", reason: data.reason, on: () => act.emit("score") }));
}

function view(data, ui, act) {
  if (!data.charts) return h("div", { class: "scores" });
  return h("div", { class: "scores", "data-test": "scores" },
    data.charts.length ? data.charts.map(chartBox) : h("section", { key: "none", class: "lead" }, h("h2", {}, data.title), h("p", {}, data.reason || data.note), statusRow(data, act)),
    data.charts.length && data.facts.length ? h("section", { key: "facts", "aria-label": "Numbers" }, h("h2", {}, "Nearest place in the target"),
      h("dl", { class: "facts", "data-test": "facts" }, data.facts.map(([name, value]) => [h("dt", { key: `n-${name}` }, name), h("dd", { key: `v-${name}` }, value)])),
      data.note ? h("p", {}, data.note) : null) : null,
    data.charts.length ? worstBox(data, act) : null);
}

export function render({ model, el }) {
  component(model, el, view);
}
