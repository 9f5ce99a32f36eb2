// Buttons that select groups, periods and the two rows of the f-block
import { h } from "../common/tree.js";
import { isPresent, selectSymbols, symbolsWhere } from "./select.js";

const GROUPS = Array.from({ length: 18 }, (_, i) => i + 1);
const PERIODS = [1, 2, 3, 4, 5, 6, 7];
const SERIES = [
  { period: 6, test: "lanthanides", label: "Lanthanides" },
  { period: 7, test: "actinides", label: "Actinides" },
];

function headButton(label, symbols, { test, title, row, column, cls }, act) {
  const present = symbols.some((symbol) => isPresent(symbol, act.data()));
  const props = {
    key: test,
    type: "button",
    class: `head ${cls}`,
    style: { "grid-row": row, "grid-column": column },
    "data-test": test,
    tabindex: "-1",
    title: present ? title : `${title}: none in this atlas`,
    "aria-label": title,
    "aria-disabled": present ? null : "true",
    on: { click: (event) => selectSymbols(act, symbols, event, true) },
  };
  return h("button", props, label);
}

function groupHead(group, cells, act) {
  const symbols = symbolsWhere(cells, (cell) => cell[5] === group);
  const top = Math.min(...cells.filter((cell) => cell[5] === group).map((cell) => cell[3]));
  const place = { row: top, column: group + 1 };
  const said = { test: `group-${group}`, title: `Select group ${group}`, cls: "group" };
  return headButton(String(group), symbols, { ...said, ...place }, act);
}

function periodHead(period, cells, act) {
  const symbols = symbolsWhere(cells, (cell) => cell[6] === period);
  const said = { test: `period-${period}`, title: `Select period ${period}`, cls: "period" };
  return headButton(String(period), symbols, { ...said, row: period + 1, column: 1 }, act);
}

function seriesHead({ period, test, label }, i, cells, act) {
  const symbols = symbolsWhere(cells, (cell) => cell[5] === 0 && cell[6] === period);
  const said = { test, title: `Select the ${test} of the f-block`, cls: "series" };
  return headButton(label, symbols, { ...said, row: 10 + i, column: "1 / 4" }, act);
}

export function heads(cells, act) {
  return [
    GROUPS.map((group) => groupHead(group, cells, act)),
    PERIODS.map((period) => periodHead(period, cells, act)),
    SERIES.map((series, i) => seriesHead(series, i, cells, act)),
  ];
}
