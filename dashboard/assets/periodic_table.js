const ROWS = 9;

function luminance(hex) {
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

// Black or white, whichever stands out more; the better of the two is always above 4.5 : 1.
const ink = (hex) => (luminance(hex) > 0.179 ? "#000000" : "#ffffff");

function describe(cell, data) {
  const [z, symbol, name] = cell, n = data.counts?.[symbol];
  if (!n) return `${name}, ${symbol}, atomic number ${z}: ${(data.absent || "not in this atlas").toLowerCase()}`;
  const value = data.values?.[symbol];
  return `${name}, ${symbol}, atomic number ${z}: ${plural(n, "site")}${value ? `, ${value}` : ""}`;
}

function selectSymbols(act, symbols, event, all) {
  const selected = act.data().selected || [];
  const present = symbols.filter((symbol) => act.data().counts?.[symbol]);
  if (!present.length) return;
  let mode = modeOf(event);
  const same = present.length === selected.length && present.every((symbol) => selected.includes(symbol));
  if (mode === "replace" && same) mode = "subtract";
  if (mode === "add" && !all && selected.includes(present[0])) mode = "subtract"; // Shift on a pressed one lets it go
  act.emit("elements", { symbols: present, mode });
}

function cellButton(cell, data, act) {
  const [, symbol, , row, column] = cell, color = data.colors?.[symbol];
  const present = Boolean(data.counts?.[symbol]), chosen = data.selected?.includes(symbol), partly = data.partly?.includes(symbol);
  const text = describe(cell, data);
  return h("button", {
    key: symbol, type: "button", class: `cell ${partly ? "partly" : ""} ${data.hovered === symbol ? "hovered" : ""}`,
    "data-test": `element-${symbol}`, "data-symbol": symbol, "data-color": color || null, tabindex: act.ui.at === symbol ? "0" : "-1",
    "aria-pressed": partly && !chosen ? "mixed" : String(Boolean(chosen)), "aria-disabled": present ? null : "true", "aria-label": text, title: text,
    style: { "grid-row": row + 1 + (row > 7 ? 1 : 0), "grid-column": column + 1, ...(present && color ? { "--fill": color, "--ink": ink(color) } : {}) },
  }, h("span", { class: "tile" }, symbol, (chosen || partly) && h("span", { class: "mark", "aria-hidden": "true" }, chosen ? "✓" : "–")));
}

function headButton(label, symbols, { test, title, style, cls = "" }, act) {
  const present = symbols.filter((symbol) => act.data().counts?.[symbol]);
  return h("button", {
    key: test, type: "button", class: `head ${cls}`, style, "data-test": test, tabindex: "-1", title: present.length ? title : `${title}: none in this atlas`, "aria-label": title,
    "aria-disabled": present.length ? null : "true", on: { click: (event) => selectSymbols(act, symbols, event, true) },
  }, label);
}

const symbolsWhere = (cells, test) => cells.filter(test).map((cell) => cell[1]);

function heads(cells, act) {
  const groups = [...Array(18).keys()].map((i) => i + 1).map((group) => {
    const members = cells.filter((cell) => cell[5] === group);
    const top = Math.min(...members.map((cell) => cell[3]));
    return headButton(String(group), members.map((cell) => cell[1]), {
      test: `group-${group}`, title: `Select group ${group}`, cls: "group", style: { "grid-row": top, "grid-column": group + 1 },
    }, act);
  });
  const periods = [1, 2, 3, 4, 5, 6, 7].map((period) => headButton(String(period), symbolsWhere(cells, (cell) => cell[6] === period), {
    test: `period-${period}`, title: `Select period ${period}`, cls: "period", style: { "grid-row": period + 1, "grid-column": 1 },
  }, act));
  const rows = [["6", "lanthanides", "Lanthanides"], ["7", "actinides", "Actinides"]].map(([period, test, label], i) => headButton(label,
    symbolsWhere(cells, (cell) => cell[5] === 0 && cell[6] === Number(period)), {
      test, title: `Select the ${test} of the f-block`, cls: "series", style: { "grid-row": 10 + i, "grid-column": "1 / 4" },
    }, act));
  return [...groups, ...periods, ...rows];
}

// Of many steps in order every second one is named; the table itself carries the numbers.
const sparse = (legend, i) => legend.ordered && legend.entries.length > 12 && i % 2 === 1;

function legendBox(data) {
  const legend = data.legend;
  return h("div", { key: "legend", class: "legend", "data-test": "legend" }, h("div", { class: "legend-title" }, data.title || ""),
    !legend ? null : legend.kind === "scale"
      ? h("div", { class: "scale" }, h("span", { class: "number" }, short(legend.low)),
        h("span", { class: "ramp", style: { background: `linear-gradient(90deg, ${legend.stops.join(", ")})` } }),
        h("span", { class: "number" }, short(legend.high)), h("span", { class: "muted" }, legend.unit || ""))
      : h("div", { class: `swatches ${legend.ordered ? "ordered" : ""}` }, legend.entries.map((entry, i) =>
        h("span", { class: "swatch", title: entry.label }, h("i", { style: { background: entry.color } }), h("span", {}, sparse(legend, i) ? "" : entry.label)))));
}

function statusLine(cells, data, ui) {
  const symbol = ui.pointed || data.hovered, cell = cells.find((each) => each[1] === symbol);
  const words = cell ? describe(cell, data).replace(/, atomic number \d+/, "") : "Click selects · Shift adds · Alt subtracts";
  return h("div", { key: "status", class: "status muted", "aria-hidden": "true", "data-test": "table-status" }, words);
}

function arrow(event, cells, act) {
  const by = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
  const from = cells.find((cell) => cell[1] === event.target.dataset?.symbol);
  if (!from) return;
  const series = { g: (cell) => cell[5] === from[5], p: (cell) => cell[6] === from[6] }[event.key.toLowerCase()];
  if (series && !event.ctrlKey && !event.metaKey) selectSymbols(act, symbolsWhere(cells, series), event, true);
  if (!by) return;
  event.preventDefault();
  for (let row = from[3] + by[0], column = from[4] + by[1]; row >= 1 && row <= ROWS && column >= 1 && column <= 18; row += by[0], column += by[1]) {
    const next = cells.find((cell) => cell[3] === row && cell[4] === column);
    if (!next) continue;
    act.ui.at = next[1];
    act.draw();
    act.root.querySelector(`[data-symbol="${next[1]}"]`).focus();
    return;
  }
}

function pointer(act) {
  const tell = later((symbol) => {
    if (symbol === act.ui.told) return;
    act.ui.told = symbol;
    act.emit("hover", { symbol });
  }, 60);
  return (event) => {
    const symbol = event.type === "pointerleave" ? null : event.target.closest?.("[data-symbol]")?.dataset.symbol || null;
    if (symbol === (act.ui.pointed ?? null)) return;
    act.ui.pointed = symbol;
    act.draw();
    tell(act.data().counts?.[symbol] ? symbol : null);
  };
}

export function render({ model, el }) {
  let over = null;
  const view = (data, ui, act) => {
    // The heaviest elements appear only where an atlas has them
    const cells = (model.cells || []).filter((cell) => cell[0] <= 103 || data.counts?.[cell[1]]);
    ui.at ??= cells[0]?.[1];
    over ??= pointer(act);
    const click = (event) => {
      const symbol = event.target.closest("[data-symbol]")?.dataset.symbol;
      if (!symbol) return;
      ui.at = symbol;
      selectSymbols(act, [symbol], event, false);
      act.draw();
    };
    return h("div", {
      class: "table surface", role: "group", "data-test": "periodic-table",
      "aria-label": "Periodic table: select elements. Arrow keys move, Enter selects, G selects the group, P the period; Shift adds, Alt subtracts.",
      on: { click, keydown: (event) => arrow(event, cells, act), pointerover: over, pointerleave: over },
    }, heads(cells, act), cells.map((cell) => cellButton(cell, data, act)), legendBox(data), statusLine(cells, data, ui));
  };
  component(model, el, view);
}
