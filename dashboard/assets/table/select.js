import { modeOf } from "../common/controls.js";

export const isPresent = (symbol, data) => Boolean(data.counts?.[symbol]);

function modeFor(present, event, selected, all) {
  const mode = modeOf(event);
  const same = present.length === selected.length && present.every((symbol) => selected.includes(symbol));
  if (mode === "replace" && same) return "subtract";
  // Shift on a pressed one lets it go
  return mode === "add" && !all && selected.includes(present[0]) ? "subtract" : mode;
}

// Asks for the sites of `symbols`; all : a whole group or period, whatever of it is selected
export function selectSymbols(act, symbols, event, all) {
  const data = act.data();
  const present = symbols.filter((symbol) => isPresent(symbol, data));
  if (!present.length) return;
  act.emit("elements", { symbols: present, mode: modeFor(present, event, data.selected || [], all) });
}

// cell : [atomic number, symbol, name, row, column, group, period], group 0 for the f-block
export const symbolsWhere = (cells, test) => cells.filter(test).map((cell) => cell[1]);
