const DRAGS = [{ value: "lasso", label: "Lasso", title: "Dragging on a map draws a lasso" }, { value: "box", label: "Box", title: "Dragging on a map draws a box" },
  { value: "pan", label: "Pan", title: "Dragging moves all maps together" }];

function bars(title, list, test) {
  const longest = Math.max(1, ...list.map((bar) => bar.count));
  return h("div", { key: test, class: "bars", "data-test": test }, h("h3", { class: "muted" }, title),
    list.map((bar) => {
      const words = `${bar.label}: ${count(bar.count)} of ${count(bar.total)}`;
      return h("div", { key: bar.label, class: "row", title: words, role: "img", "aria-label": words },
        h("span", { class: "name" }, bar.label),
        h("span", { class: "track" }, h("i", { style: { width: `${(100 * bar.count) / longest}%`, ...(bar.colour ? { background: bar.colour } : {}) } })),
        h("span", { class: "number" }, count(bar.count), h("span", { class: "muted" }, ` of ${count(bar.total)}`)));
    }));
}

function actions(data, act) {
  const empty = data.n ? "" : "Nothing is selected";
  const emit = (kind) => () => act.emit(kind);
  const openInside = () => { act.ui.inside = true; act.emit("inside", { open: true }); act.draw(); };
  const openTable = () => { act.ui.table = true; act.emit("table", { open: true }); act.draw(); };
  return h("div", { class: "actions" },
    h("span", { class: "set" }, segmented({ id: "drag", label: "What dragging on a map does", value: data.drag, options: DRAGS }, (value) => act.emit("drag", { value })),
      button("Reset view", { test: "reset-view", title: "Show all of every map", on: emit("reset") })),
    h("span", { class: "set" },
      button("Undo", { test: "undo", title: "Back to the selection before", reason: data.can_undo ? "" : "Nothing to undo", on: emit("undo") }),
      button("Clear", { test: "clear", title: "Select nothing", reason: empty, on: emit("clear") }),
      button("Look inside", { test: "inside", title: "Crystals of the selection, and what distinguishes it from the rest", reason: empty, on: openInside }),
      button("Table", { test: "table", title: "The selected sites as a table", reason: empty, on: openTable }),
      button("CSV", { test: "csv", title: "Save the selected sites with their coordinates", reason: empty, on: emit("csv") })));
}

// Classes of atoms about which the models differ: a first thing to look at
function suggested(data, act) {
  if (!data.suggestions?.length) return null;
  return h("div", { key: "suggested", class: "suggested", "data-test": "suggestions" }, h("span", {}, `Where the models ${data.suggested_by}:`),
    data.suggestions.map((each) => button(each.words, { test: `suggestion-${each.label}-${each.value}`,
      title: `Select its ${count(each.n)} atoms (${each.label}); their mean is ${short(each.times)} times that of the others`, on: () => act.emit("suggestion", { label: each.label, value: each.value }) })));
}

function emptyWords(data, act) {
  return h("div", { key: "empty", class: "empty muted", "data-test": "selection-empty" },
    data.of === 0
      ? h("p", {}, "This atlas has no sites yet. Put crystals in with ", h("code", {}, "platonic ingest"), ", then ", h("code", {}, "platonic embed"), ".")
      : [h("p", {}, "Draw around atoms in any map: they light up in all of them, and are listed here."), suggested(data, act),
        h("p", {}, "Or press elements in the table, or search for a formula. Shift adds, Alt subtracts; a click on one atom shows what it is.")]);
}

function selection(data, act) {
  const title = data.n ? [h("b", {}, `${plural(data.n, "site")} selected`), h("span", { class: "muted" }, ` in ${plural(data.crystals, "crystal")}`)] : h("b", {}, "Nothing selected");
  return h("section", { key: "selection", class: "selection surface", "aria-label": "Selection", "data-test": "selection" },
    h("div", { class: "top" }, h("p", { class: "title", role: "status", "data-test": "selection-title" }, title), actions(data, act)),
    data.n ? h("div", { key: "lists", class: "lists" }, bars("by element", data.by_element || [], "by-element"), bars("by prototype", data.by_prototype || [], "by-prototype")) : emptyWords(data, act));
}

function fact(label, value, test) {
  return value === null || value === undefined || value === "" ? null : [h("dt", { key: `t-${test}` }, label), h("dd", { key: `d-${test}`, "data-test": `atom-${test}`, title: String(value) }, value)];
}

function energies(list) {
  if (!list?.length) return null;
  return h("table", { class: "energies", "data-test": "atom-energies" },
    h("caption", { class: "hidden" }, "Site energy by model"),
    h("thead", {}, h("tr", {}, h("th", { scope: "col", title: "Models share an energy between atoms in their own ways and from their own zeros: compare atoms within a model, not models" }, "Site energy, own zeros"), h("th", { scope: "col", class: "number" }, "eV"))),
    h("tbody", {}, list.map((each) => h("tr", { key: each.model }, h("th", { scope: "row", title: each.model }, each.model),
      h("td", { class: "number" }, typeof each.energy === "number" ? each.energy.toFixed(2).replace("-", "−") : "–")))));
}

function ordinal(n) {
  const tens = n % 100;
  return `${n}${tens > 10 && tens < 14 ? "th" : ["th", "st", "nd", "rd"][n % 10] || "th"}`;
}

function nearestRows(atom, act) {
  if (!atom.nearest) return h("p", { key: "looking", class: "muted" }, "Looking for them …");
  return h("table", { key: "nearest", class: "nearest", "data-test": "nearest" }, h("caption", { class: "muted" }, "Bold: another model names it too"),
    h("tbody", {}, atom.nearest.map((row) => h("tr", { key: row.model }, h("th", { scope: "row", title: row.model }, row.model),
      h("td", {}, h("div", { class: "few" }, row.atoms.map((each) => button(each.words, { test: `nearest-${each.site}`, cls: each.others ? "shared" : "",
        title: each.others ? `Named by ${plural(each.others, "other model")} too` : "Named by this model alone", on: () => act.emit("row", { site: each.site }) }))))))));
}

function atomCard(atom, act) {
  if (!atom) {
    return h("section", { key: "atom", class: "atom surface", "aria-label": "Current atom", "data-test": "atom" }, h("b", {}, "No atom chosen"),
      h("p", { class: "muted" }, "Click an atom in a map: it is ringed in all of them, and described here."));
  }
  const split = typeof atom.disagreement === "number" ? Math.round(atom.disagreement) : null;
  const near = act.ui.card === "nearest";
  const tabs = segmented({ id: "card", label: "What is said of the atom", value: near ? "nearest" : "facts", options: [{ value: "facts", label: "Facts" },
    { value: "nearest", label: "Nearest", title: "The atoms most like it in each model, bold where models agree" }] }, (value) => { act.ui.card = value; act.draw(); });
  return h("section", { key: "atom", class: "atom surface", "aria-label": "Current atom", "data-test": "atom", tabindex: "0" },
    h("div", { class: "card-head" }, h("p", { class: "title" }, h("b", { "data-test": "atom-title" }, `${atom.symbol} in ${atom.formula}`), h("span", { class: "muted" }, ` ${atom.name}`)), tabs),
    near ? nearestRows(atom, act) : h("div", { key: "facts", class: "facts" },
      h("dl", {}, fact("Prototype", atom.prototype, "prototype"), fact("Space group", atom.spacegroup, "spacegroup"), fact("Neighbours", atom.coordination, "coordination"),
        split === null ? null : [h("dt", { key: "t-split", title: "How far apart the models place this atom, against all others: low means that they agree" }, "Disagreement"),
          h("dd", { key: "d-split", "data-test": "atom-disagreement" }, `${ordinal(split)} percentile, ${split < 34 ? "low" : split < 67 ? "middling" : "high"}`,
            h("span", { class: "track", "aria-hidden": "true" }, h("i", { style: { width: `${split}%` } })))]),
      energies(atom.energies)));
}

function tableDialog(data, act) {
  const close = () => { if (!act.ui.table) return; act.ui.table = false; act.emit("table", { open: false }); act.draw(); };
  const columns = data.columns || [], rows = data.rows;
  const pick = (site) => () => { act.emit("row", { site }); close(); };
  return dialog({ key: "table", open: Boolean(act.ui.table), title: `${plural(data.n, "selected site")}`, test: "table-dialog", close, cls: "wide" },
    rows === null || rows === undefined ? h("p", { class: "muted" }, "Fetching the rows …") : [
      h("p", { class: "muted", "data-test": "rows-shown" }, `${count(rows.length)} of ${count(data.rows_total)} shown. A click on a row shows the atom.`),
      h("table", { class: "rows", "data-test": "rows" },
        h("thead", {}, h("tr", {}, columns.map((column) => h("th", { scope: "col", class: column.numeric ? "number" : "" }, column.unit ? `${column.label} (${column.unit})` : column.label)))),
        h("tbody", {}, rows.map((row) => h("tr", { key: row.site, tabindex: "0", "data-test": `row-${row.site}`, "aria-label": `Show ${columns.map((c) => row[c.key]).filter(Boolean).join(", ")}`,
          on: { click: pick(row.site), keydown: (event) => event.key === "Enter" && pick(row.site)() } },
        columns.map((column) => h("td", { class: column.numeric ? "number" : "" }, short(row[column.key])))))))]);
}

function insideDialog(data, act) {
  const close = () => { if (!act.ui.inside) return; act.ui.inside = false; act.emit("inside", { open: false }); act.draw(); };
  const { crystals = [], rows = [] } = data.inside || {};
  const pick = (site) => () => { act.emit("row", { site }); close(); };
  return dialog({ key: "inside", open: Boolean(act.ui.inside), title: `Inside ${plural(data.n, "selected site")}`, test: "inside-dialog", close, cls: "wide" },
    !data.inside ? h("p", { class: "muted" }, "Looking at the crystals …") : [
      h("p", { class: "muted" }, "Crystals: the most central atom of the selection first, then a random sample. A click opens one."),
      h("div", { class: "crystals", "data-test": "crystals" }, crystals.map((each) => h("button", { key: each.site, type: "button", class: "crystal", "data-test": `crystal-${each.site}`, on: { click: pick(each.site) } },
        h("img", { src: each.picture, alt: `${each.element} marked in ${each.formula}` }), h("b", {}, `${each.element} in ${each.formula}`), h("span", { class: "muted" }, each.prototype || "unnamed")))),
      h("div", { class: "card-head" }, h("h3", {}, "What stands out against all other sites"), button("CSV", { test: "contrast-csv", title: "Save every value that was tested", on: () => act.emit("contrast_csv") })),
      h("p", { class: "muted" }, "p: Fisher’s exact test, corrected for all values tested. Sites of one crystal are not independent, so take a small p as a guide."),
      !rows.length ? h("p", {}, data.n === data.of ? "Nothing: the selection holds every site." : "Nothing: no value has p below 0.05.") : h("table", { class: "rows still", "data-test": "contrasts" },
        h("thead", {}, h("tr", {}, ["Label", "Value"].map((each) => h("th", { scope: "col" }, each)), ["Selected", "Others", "Ratio", "p"].map((each) => h("th", { scope: "col", class: "number" }, each)))),
        h("tbody", {}, rows.map((row) => h("tr", { key: `${row.label}-${row.value}` }, h("td", {}, row.label), h("td", {}, row.value), h("td", { class: "number" }, count(row.selected)), h("td", { class: "number" }, count(row.rest)),
          h("td", { class: "number" }, row.ratio === null ? "only here" : `${short(row.ratio)} ×`), h("td", { class: "number" }, row.p < 1e-300 ? "< 1e-300" : row.p < 0.001 ? row.p.toExponential(1).replace("-", "−") : row.p.toFixed(3))))))]);
}

function view(data, ui, act) {
  return h("div", { class: "split", "data-test": "selection-panel" }, selection(data, act), atomCard(data.atom, act), tableDialog(data, act), insideDialog(data, act));
}

export function render({ model, el }) {
  component(model, el, view);
}
