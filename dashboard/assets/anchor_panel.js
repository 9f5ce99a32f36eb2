// The slider runs along the logarithm: 5 to 50 deserves as much of it as 100 to 1000.
const STEPS = 400;
const toNumber = (step, low, high) => Math.round(low * (high / low) ** (step / STEPS));
const toStep = (n, low, high) => (high > low ? Math.round((STEPS * Math.log(Math.max(low, n) / low)) / Math.log(high / low)) : 0);

function choiceField(act, { kind, label, value, options, title }) {
  const chosen = options.find((option) => option.value === value);
  return h("label", { key: kind, class: "line", title: title || chosen?.title || null }, h("span", { class: "label" }, label),
    h("select", { class: "field", "data-test": `anchor-${kind}`, "aria-label": label, value, on: { change: (event) => act.emit(kind, { value: event.target.value }) } },
      options.map((option) => h("option", { key: option.value, value: option.value, disabled: option.disabled, title: option.reason || option.title || null }, option.label))));
}

function numberLine(data, act) {
  const { ui } = act, { fewest: low, most: high } = data;
  const shown = ui.number ?? data.number;
  const tooMany = data.strategy === "element" ? "One for each element: choose another strategy to set the number" : data.strategy === "hand" ? "By hand the number is what you pick" : "";
  ui.live ??= later((value) => act.emit("number", { value, live: true }), 150);
  const drag = (event) => { ui.number = toNumber(Number(event.target.value), low, high); event.target._held = ui.held = true; ui.live(ui.number); act.draw(); };
  const settle = (value) => { ui.live.cancel(); ui.number = value; ui.held = false; act.emit("number", { value, live: false }); };
  const typed = (event) => {
    const value = Math.round(Number(event.target.value));
    const kept = Math.min(high, Math.max(low, Number.isFinite(value) ? value : data.number));
    event.target.value = kept;
    settle(kept);
  };
  return h("div", { key: "number", class: "line", title: tooMany || null }, h("span", { class: "label", id: "number-label" }, "Number"),
    h("input", { type: "range", min: 0, max: STEPS, step: 1, value: String(toStep(shown, low, high)), disabled: Boolean(tooMany), "data-test": "anchor-number-slider", "aria-labelledby": "number-label",
      "aria-valuetext": String(shown), on: { input: drag, change: (event) => { event.target._held = false; settle(toNumber(Number(event.target.value), low, high)); } } }),
    h("input", { type: "number", class: "field number", min: low, max: high, step: 1, value: String(shown), disabled: Boolean(tooMany), "data-test": "anchor-number", "aria-label": `Number of anchors, ${low} to ${high}`,
      on: { change: typed } }));
}

function seedLine(data, act) {
  const reason = data.strategy === "hand" ? "Nothing is drawn at random by hand" : "";
  return h("label", { key: "seed", class: "line", title: reason || "The same seed gives the same anchors" }, h("span", { class: "label" }, "Seed"),
    h("input", { type: "number", class: "field number seed", min: 0, step: 1, value: String(data.seed), disabled: Boolean(reason), "data-test": "anchor-seed", "aria-label": "Seed",
      on: { change: (event) => act.emit("seed", { value: Math.max(0, Math.round(Number(event.target.value) || 0)) }) } }));
}

function wordField(act, { kind, label, placeholder, test, action, send }) {
  const run = () => { const field = act.root.querySelector(`[data-test="${test}"]`), text = field.value.trim(); if (text) { act.emit(kind, send(text)); field.value = ""; } else field.focus(); };
  return h("div", { key: kind, class: "line" }, h("span", { class: "label" }, label),
    h("input", { type: "text", class: "field grow", placeholder, "data-test": test, "aria-label": label, autocomplete: "off", spellcheck: "false", on: { keydown: (event) => event.key === "Enter" && run() } }),
    button(action, { test: `${test}-go`, on: run }));
}

function settings(data, act) {
  return h("section", { key: "settings", class: "settings", "aria-label": "Choose anchors" },
    h("h2", {}, "Choose anchors"),
    choiceField(act, { kind: "strategy", label: "Strategy", value: data.strategy, options: data.strategies || [] }),
    numberLine(data, act),
    h("div", { key: "pair", class: "pair" }, choiceField(act, { kind: "reference", label: "Reference", value: data.reference, options: data.references || [], title: "The model whose features the strategy looks at" }), seedLine(data, act)),
    wordField(act, { kind: "paste", label: "Elements", placeholder: "Fe Ni O …", test: "anchor-paste", action: "Take", send: (text) => ({ text }) }),
    h("div", { key: "hand", class: "line" }, h("span", { class: "label" }, "By hand"),
      button(data.n_selected ? `Use the selection (${count(data.n_selected)})` : "Use the selection", { test: "use-selection", title: "Make the selected sites the anchors", reason: data.n_selected ? "" : "Nothing is selected", on: () => act.emit("use_selection") }),
      h("span", { class: "muted hint" }, "or tap atoms on the maps")),
    status(data, act));
}

function status(data, act) {
  const { progress } = data;
  return h("div", { key: "status", class: "line status", role: "status", "data-test": "anchor-status" },
    progress ? [h("span", {}, progress.text), h("progress", { max: "1", value: progress.fraction ?? null, "aria-label": progress.text }),
      progress.cancellable && button("Cancel", { test: "anchor-cancel", on: () => act.emit("cancel") })] : data.message ? h("span", { class: "wrong" }, data.message) : null);
}

function setItem(each, data, act) {
  const now = each.name === data.current;
  return h("li", { key: each.name, class: `set ${now ? "now" : ""}` },
    h("span", { class: "set-name", title: [each.name, each.note || (each.kept ? "kept here" : "came with the atlas")].join(" · ") }, each.name),
    each.kept ? button("Forget", { test: `forget-${each.name}`, name: `Forget ${each.name}`, title: `Take ${each.name} away`, cls: "quiet", on: () => act.emit("forget", { name: each.name }) }) : h("span", {}),
    h("span", { class: "number" }, count(each.number)),
    now ? h("span", { class: "in-use", "data-test": "set-in-use" }, "in use") : button("Go back", { test: `set-${each.name}`, name: `Go back to ${each.name}`, title: `Use ${each.name}`, on: () => act.emit("choose_set", { name: each.name }) }));
}

function sets(data, act) {
  return h("section", { key: "sets", class: "sets", "aria-label": "Sets" }, h("h2", {}, "Sets", data.sets?.some((each) => each.name === data.current) ? null : h("span", { class: "muted" }, ` ${data.current || "none"} in use`)),
    h("ul", { class: "set-list", "data-test": "sets", tabindex: "0", "aria-label": "Sets of anchors" }, (data.sets || []).map((each) => setItem(each, data, act))),
    wordField(act, { kind: "keep", label: "Name", placeholder: "my anchors", test: "anchor-name", action: "Keep", send: (text) => ({ name: text }) }));
}

function histogram(coverage) {
  const most = Math.max(1, ...coverage.counts), n = coverage.counts.length;
  const mean = coverage.high > 0 ? (100 * coverage.mean) / coverage.high : 0;
  return h("svg", { class: "histogram", viewBox: "0 0 100 40", preserveAspectRatio: "none", role: "img", "data-test": "coverage-histogram",
    "aria-label": `Distances of ${count(coverage.n)} sites to their nearest anchor, from ${short(coverage.low)} to ${short(coverage.high)}` },
  coverage.counts.map((c, i) => h("rect", { x: (100 * i) / n + 0.15, width: 100 / n - 0.3, y: 40 - (39 * c) / most, height: (39 * c) / most })),
  h("line", { class: "mean", x1: mean, x2: mean, y1: 0, y2: 40 }));
}

function coverageBox(coverage) {
  if (!coverage || !coverage.n) {
    return h("section", { key: "coverage", class: "coverage", "aria-label": "Coverage", "data-test": "coverage" }, h("h2", {}, "Coverage"), h("p", { class: "muted" }, "Choose anchors to see how far every site is from its nearest one."));
  }
  return h("section", { key: "coverage", class: "coverage", "aria-label": "Coverage", "data-test": "coverage" },
    h("h2", {}, "Coverage"), h("p", { class: "muted" }, `Distance of every site to its nearest anchor, ${coverage.reference}`), histogram(coverage),
    h("div", { class: "ends muted" }, h("span", {}, short(coverage.low)), h("span", {}, short(coverage.high))),
    h("dl", {}, h("dt", {}, "mean"), h("dd", { class: "number", "data-test": "coverage-mean" }, short(coverage.mean)), h("dt", {}, "largest"), h("dd", { class: "number", "data-test": "coverage-max" }, short(coverage.max))),
    h("p", { class: "muted" }, "The table on the left shows it by element."));
}

function view(data, ui, act) {
  return h("div", { class: "columns surface", "data-test": "anchor-panel" }, settings(data, act), sets(data, act), coverageBox(data.coverage));
}

export function render({ model, el }) {
  component(model, el, view, {
    // What was asked is shown until the server answers
    changed(act) {
      if (!act.ui.held) act.ui.number = undefined;
      act.draw();
    },
  });
}
