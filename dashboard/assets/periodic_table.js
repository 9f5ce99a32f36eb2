import { component } from "./common/component.js";
import { later } from "./common/later.js";
import { h } from "./common/tree.js";
import { cellButton, describe } from "./table/cells.js";
import { heads } from "./table/heads.js";
import { legendBox } from "./table/legend.js";
import { isPresent, selectSymbols, symbolsWhere } from "./table/select.js";

const [ROWS, COLUMNS] = [9, 18];
const HEAVY = 103; // heavier elements appear only where an atlas has them
const LABEL =
  "Periodic table: select elements. Arrow keys move, Enter selects, G selects the group, P the period; Shift adds, " +
  "Alt subtracts.";
const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

function statusLine(cells, data, ui) {
  const symbol = ui.pointed || data.hovered;
  const cell = cells.find((each) => each[1] === symbol);
  const element = cell && describe(cell, data).replace(/, atomic number \d+/, "");
  const props = { key: "status", class: "status muted", "aria-hidden": "true", "data-test": "table-status" };
  return h("div", props, element || "Click selects · Shift adds · Alt subtracts");
}

// The next cell in a direction, over the gaps of the table
function nextCell(cells, [, , , row, column], [down, across]) {
  for (let step = 1; step <= COLUMNS; step++) {
    const [r, c] = [row + step * down, column + step * across];
    if (r < 1 || r > ROWS || c < 1 || c > COLUMNS) return null;
    const next = cells.find((cell) => cell[3] === r && cell[4] === c);
    if (next) return next;
  }
  return null;
}

function move(event, from, cells, act) {
  event.preventDefault();
  const next = nextCell(cells, from, ARROWS[event.key]);
  if (!next) return;
  act.change({ at: next[1] });
  act.root.querySelector(`[data-symbol="${next[1]}"]`).focus();
}

function pressed(event, cells, act) {
  const from = cells.find((cell) => cell[1] === event.target.dataset?.symbol);
  if (!from) return;
  const column = { g: 5, p: 6 }[event.key.toLowerCase()]; // of the cell: its group, its period
  if (column && !event.ctrlKey && !event.metaKey) {
    const series = symbolsWhere(cells, (cell) => cell[column] === from[column]);
    selectSymbols(act, series, event, true);
  }
  if (event.key in ARROWS) move(event, from, cells, act);
}

function clicked(event, act) {
  const symbol = event.target.closest("[data-symbol]")?.dataset.symbol;
  if (!symbol) return;
  selectSymbols(act, [symbol], event, false);
  act.change({ at: symbol });
}

// Tells which element is pointed at, once the pointer rests.
function pointer(act) {
  const tell = later((symbol) => {
    if (symbol === act.ui.told) return;
    act.ui.told = symbol;
    act.emit("hover", { symbol });
  }, 60);
  return (event) => {
    const over = event.type === "pointerleave" ? null : event.target.closest?.("[data-symbol]");
    const symbol = over?.dataset.symbol || null;
    if (symbol === (act.ui.pointed ?? null)) return;
    act.change({ pointed: symbol });
    tell(isPresent(symbol, act.data()) ? symbol : null);
  };
}

function table(cells, data, ui, act) {
  ui.at ??= cells[0]?.[1];
  ui.over ??= pointer(act);
  const on = {
    click: (event) => clicked(event, act),
    keydown: (event) => pressed(event, cells, act),
    pointerover: ui.over,
    pointerleave: ui.over,
  };
  return h(
    "div",
    { class: "table surface", role: "group", "data-test": "periodic-table", "aria-label": LABEL, on },
    heads(cells, act),
    cells.map((cell) => cellButton(cell, data, act)),
    legendBox(data),
    statusLine(cells, data, ui),
  );
}

export function render({ model, el }) {
  component(model, el, (data, ui, act) => {
    const cells = (model.cells || []).filter(([z, symbol]) => z <= HEAVY || isPresent(symbol, data));
    return table(cells, data, ui, act);
  });
}
