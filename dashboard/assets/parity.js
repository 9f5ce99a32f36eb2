// Energies of the stitched model against others, crystal by crystal; a click opens the crystal.
const PARITY = { w: 520, h: 380, left: 52, right: 12, top: 10, bottom: 40 };

function parityPoints(energies, against, fitted) {
  const other = energies.others[against], stitched = fitted ? other.fitted : energies.stitched;
  return energies.structures.map((structure, i) => ({ structure, formula: energies.formulas[i], x: other.energies[i], y: stitched[i] }))
    .filter((each) => each.x !== null && each.y !== null);
}

function parityTicks(low, high) {
  const step = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100].find((each) => (high - low) / each <= 9) || 200;
  const ticks = [];
  for (let at = Math.ceil(low / step) * step; at <= high + 1e-9; at += step) ticks.push(Number(at.toFixed(3)));
  return ticks;
}

function parityPlot(points, label, act) {
  const { w, h: ht, left, right, top, bottom } = PARITY;
  // The room is that of the energies compared with: one crystal that a readout throws far off would shrink all others
  const own = points.map((each) => each.x), pad = 0.12 * (Math.max(...own) - Math.min(...own) || 1);
  const low = Math.min(...own) - pad, high = Math.max(...own) + pad;
  const inside = (value) => Math.max(low, Math.min(high, value)), beyond = points.filter((each) => each.y !== inside(each.y)).length;
  const x = (value) => left + ((value - low) / (high - low)) * (w - left - right), y = (value) => top + ((high - value) / (high - low)) * (ht - top - bottom);
  const minus = (value) => String(value).replace("-", "−");
  return h("svg", { viewBox: `0 0 ${w} ${ht}`, class: "parity", role: "img", "aria-label": `${count(points.length)} crystals`, "data-test": "parity-plot" },
    parityTicks(low, high).map((tick) => [
      h("line", { key: `gx${tick}`, x1: x(tick), x2: x(tick), y1: top, y2: ht - bottom, class: "grid" }), h("line", { key: `gy${tick}`, x1: left, x2: w - right, y1: y(tick), y2: y(tick), class: "grid" }),
      h("text", { key: `tx${tick}`, x: x(tick), y: ht - bottom + 15, "text-anchor": "middle" }, minus(tick)), h("text", { key: `ty${tick}`, x: left - 6, y: y(tick) + 4, "text-anchor": "end" }, minus(tick))]),
    h("line", { x1: x(low), y1: y(low), x2: x(high), y2: y(high), class: "same" }),
    points.map((each) => h("circle", { key: each.structure, cx: x(each.x).toFixed(1), cy: y(inside(each.y)).toFixed(1), r: 3, class: each.y === inside(each.y) ? "" : "beyond", "data-structure": each.structure, on: { click: () => act.emit("structure", { structure: each.structure }) } },
      h("title", {}, `${each.formula}: ${minus(each.y.toFixed(3))} stitched, ${minus(each.x.toFixed(3))} ${label}, eV per atom`))),
    beyond ? h("text", { key: "beyond", x: w - right, y: top + 10, "text-anchor": "end", "data-test": "beyond" }, `${plural(beyond, "crystal lies", "crystals lie")} beyond, drawn at the edge`) : null,
    h("text", { x: (left + w - right) / 2, y: ht - 6, "text-anchor": "middle", class: "axis" }, `${label}, eV per atom`),
    h("text", { x: 0, y: 0, "text-anchor": "middle", class: "axis", transform: `translate(13 ${(top + ht - bottom) / 2}) rotate(-90)` }, "Stitched, eV per atom"));
}

function parityFit(shifts, fitted) {
  const rows = Object.entries(shifts).sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]));
  return h("details", { key: "fit", "data-test": "parity-fit" }, h("summary", {}, `The fit: ${plural(rows.length, "element energy", "element energies")}${fitted ? ", taken away above" : ", not used above"}`),
    h("p", { class: "muted" }, "Models count energies from different zeros. The difference to the stitched energies is fitted by one energy an element, on the crystals of the fit only; eV per atom of the element."),
    h("ul", { class: "shifts" }, rows.map(([symbol, energy]) => h("li", { key: symbol }, h("b", {}, symbol), h("span", {}, `${energy < 0 ? "−" : "+"}${Math.abs(energy).toFixed(2)}`)))));
}

function parityDialog(data, ui, act) {
  const energies = data.energies, close = () => { if (ui.parity) { ui.parity = false; act.draw(); } };
  if (!energies?.structures) return null;
  const names = Object.keys(energies.others), against = names.includes(ui.against) ? ui.against : names[0], fitted = ui.fitted ?? true;
  const label = energies.labels[against], error = energies.errors[against][fitted ? "fitted" : "raw"];
  const mev = (value) => Math.round(1000 * value);
  return dialog({ key: "parity", open: Boolean(ui.parity), title: "Energies of the stitched model", test: "parity-dialog", close, cls: "wide" },
    h("p", { class: "muted" }, `${data.title}: translated features through the energy readout of the target, for crystals that the fit never saw.`),
    h("div", { class: "status" },
      names.length > 1 ? segmented({ id: "against", label: "Against", value: against, options: names.map((name) => ({ value: name, label: energies.labels[name] })) }, (value) => { ui.against = value; act.draw(); }) : null,
      segmented({ id: "fitted", label: "Element energies", value: fitted ? "fitted" : "raw", options: [{ value: "fitted", label: "Element energies fitted" }, { value: "raw", label: "As they are" }] }, (value) => { ui.fitted = value === "fitted"; act.draw(); })),
    h("p", { "data-test": "parity-error" }, h("b", {}, `Mean error ${count(mev(error.value))} meV per atom`), ` (95 %: ${count(mev(error.interval[0]))} to ${count(mev(error.interval[1]))}), median ${count(mev(error.median))}.`,
      energies.elements === null || against !== "target" || !fitted ? "" : ` With composition alone, no structure: ${count(mev(energies.elements))}.`),
    parityPlot(parityPoints(energies, against, fitted), label, act), parityFit(energies.shifts[against], fitted));
}
