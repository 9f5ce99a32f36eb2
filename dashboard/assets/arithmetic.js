// Three environments on a bench, the atoms nearest to a - b + c, and how often such sums come out.
const SLOTS = [{ slot: "a", before: "" }, { slot: "b", before: "−" }, { slot: "c", before: "+" }];

function benchSlot({ slot, before }, bench, act) {
  const placed = bench.slots[slot];
  return h("div", { key: slot, class: "slot" }, h("span", { class: "sign", "aria-hidden": "true" }, before),
    h("div", { class: "card" },
      h("div", { class: "words" }, h("span", { class: "muted" }, slot), " ", h("span", { "data-test": `slot-${slot}` }, placed ? placed.words : "nothing yet")),
      h("div", { class: "pick" },
        h("input", { key: `text-${placed?.site}`, type: "text", placeholder: bench.hint, "aria-label": `Environment ${slot}`, "data-test": `slot-text-${slot}`, on: { change: (event) => { act.emit("bench_text", { slot, text: event.target.value }); } } }),
        button("Current", { test: `slot-current-${slot}`, title: bench.current ? `Take ${bench.current.words}` : null, reason: bench.current ? "" : "Tap an atom on a map first", on: () => act.emit("bench_current", { slot }) }))));
}

function benchMatches(bench, act) {
  if (!bench.matches) return null;
  return h("div", { key: "matches", class: "matches", "data-test": "matches" }, h("span", { class: "muted" }, `Which one for ${bench.matches.slot}?`),
    bench.matches.sites.map((each) => button(each.words, { test: `match-${each.site}`, on: () => act.emit("bench_site", { slot: bench.matches.slot, site: each.site }) })));
}

function benchModel(which, words, bench, act) {
  return h("label", { key: which }, words, h("select", { "data-test": `bench-${which}`, value: bench[which], on: { change: (event) => act.emit("bench_model", { which, name: event.target.value }) } },
    bench.models.map((each) => h("option", { key: each.value, value: each.value }, each.control ? `${each.label} (control)` : each.label))));
}

function benchList(title, rows, test, bench, act) {
  return h("section", { key: test }, h("div", { class: "answer-head" }, h("h3", {}, title), h("span", { class: "muted", title: "1: the same direction from the middle of all atoms" }, "cosine")), h("ol", { class: "answers", "data-test": test }, rows.map((each) => h("li", { key: each.site },
    h("button", { type: "button", class: each.right ? "right" : "", "data-test": `${test}-${each.site}`, title: "Show this atom", on: { click: () => { act.ui.bench = false; act.emit("bench_close"); act.emit("site", { site: each.site }); act.draw(); } } },
      h("span", { class: "words" }, each.words), h("span", { class: `mark ${each.right || each.element ? "" : "muted"}` }, each.right ? "the very atom" : each.element ? "right element" : bench.wanted ? "another element" : ""), h("span", { class: "number" }, each.cosine.toFixed(2).replace("-", "−")))))));
}

function benchTable(bench, act) {
  const { table, progress } = bench, share = (value) => `${Math.round(100 * value)} %`;
  if (progress) return h("div", { key: "wait", class: "status", role: "status" }, h("span", {}, "Two thousand sums in every model"), h("progress", { max: "1", value: progress.fraction ?? null, "aria-label": "Analogies" }), button("Cancel", { test: "bench-cancel", on: () => act.emit("bench_cancel") }));
  if (!table) return h("div", { key: "ask", class: "status" }, button("How often does it work?", { test: "bench-table", title: "Two thousand such sums in every model, and from each into every other; takes a minute or two the first time", on: () => act.emit("bench_table") }));
  const row = (title, cells, cls = "") => h("tr", { key: title, class: cls }, h("th", { scope: "row" }, title), cells.map((cell, i) => h("td", { key: i }, cell)));
  return h("section", { key: "table" }, h("h3", {}, `How often it works: ${count(table.n)} sums`),
    h("div", { class: "matrix-room" }, h("table", { class: "sums", "data-test": "sums" },
      h("thead", {}, h("tr", {}, ["", "Right element first", "in five", "with c alone", "Right prototype first", "The very atom first", "Right element in other trained models"].map((each) => h("th", { key: each, scope: "col" }, each)))),
      h("tbody", {}, row("Chance", [share(table.chance.element_at_1), share(table.chance.element_at_5), share(table.chance.element_at_1), share(table.chance.prototype_at_1), share(table.chance.site_at_1), share(table.chance.element_at_1)], "chance"),
        table.rows.map((each) => row(`${each.title}${each.control ? " ·" : ""}`, [share(each.sum.element_at_1), share(each.sum.element_at_5), share(each.only_c.element_at_1), share(each.sum.prototype_at_1), share(each.sum.site_at_1),
          each.across ? `${share(each.across.mean)} (${share(each.across.low)} to ${share(each.across.high)})` : "–"], each.control ? "control" : ""))))),
    h("p", { class: "muted" }, "· marks a control. Untrained networks are better at this than trained ones: arithmetic that works is no sign of learning."));
}

function benchDialog(data, ui, act) {
  const bench = data.bench, close = () => { if (ui.bench) { ui.bench = false; act.emit("bench_close"); act.draw(); } };
  if (!bench?.slots) return null;
  return dialog({ key: "bench", open: Boolean(ui.bench), title: "Arithmetic of environments", test: "bench-dialog", close, cls: "wide bench-room" },
    h("p", { class: "muted" }, "a − b exchanges an element in one crystal; added to c, it should make the same exchange in the crystal of c."),
    h("div", { class: "bench" }, SLOTS.map((each) => benchSlot(each, bench, act))),
    benchMatches(bench, act), bench.problem ? h("p", { key: "problem", role: "status", "data-test": "bench-problem" }, bench.problem) : null,
    h("div", { class: "status" }, benchModel("source", "Sum in the space of", bench, act), benchModel("target", "nearest atoms in", bench, act), button("Another example", { test: "bench-example", on: () => act.emit("bench_example") })),
    bench.wanted ? h("p", { key: "wanted", class: "muted", "data-test": "wanted" }, `Should lead to ${bench.wanted.words}${bench.sum && !bench.sum.some((each) => each.right) ? ", which is not among the five" : ""}`) : null,
    bench.wait ? h("p", { key: "none", "data-test": "bench-wait" }, bench.wait) : h("div", { key: "read", class: "read" }, benchList("Nearest to a − b + c", bench.sum, "sum", bench, act), benchList("Nearest to c alone", bench.alone, "alone", bench, act)),
    benchTable(bench, act));
}

function benchButton(data, act) {
  return button("Arithmetic", { test: "bench", title: "Add and subtract environments", on: () => { act.ui.bench = true; act.emit("bench"); act.draw(); } });
}
