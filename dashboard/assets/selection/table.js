import { dialog } from "../common/controls.js";
import { count, plural, short } from "../common/numbers.js";
import { h } from "../common/tree.js";
import { closes, picks } from "./dialogs.js";

function headCell({ label, unit, numeric }) {
  const words = unit ? `${label} (${unit})` : label;
  return h("th", { scope: "col", class: numeric ? "number" : "" }, words);
}

function siteRow(row, columns, pick) {
  const words = columns.map(({ key }) => row[key]).filter(Boolean);
  const props = {
    key: row.site,
    tabindex: "0",
    "data-test": `row-${row.site}`,
    "aria-label": `Show ${words.join(", ")}`,
    on: { click: pick, keydown: (event) => event.key === "Enter" && pick() },
  };
  const cell = ({ key, numeric }) => h("td", { class: numeric ? "number" : "" }, short(row[key]));
  return h("tr", props, columns.map(cell));
}

function sitesTable(data, act, close) {
  const columns = data.columns || [];
  const shown = `${count(data.rows.length)} of ${count(data.rows_total)} shown. A click on a row shows the atom.`;
  const rows = data.rows.map((row) => siteRow(row, columns, picks(row.site, act, close)));
  const head = h("thead", {}, h("tr", {}, columns.map(headCell)));
  return [
    h("p", { class: "muted", "data-test": "rows-shown" }, shown),
    h("table", { class: "rows", "data-test": "rows" }, head, h("tbody", {}, rows)),
  ];
}

export function tableDialog(data, act) {
  const close = closes("table", act);
  const fetched = data.rows !== null && data.rows !== undefined;
  const title = `${plural(data.n, "selected site")}`;
  return dialog(
    { key: "table", open: Boolean(act.ui.table), title, test: "table-dialog", close, cls: "wide" },
    fetched ? sitesTable(data, act, close) : h("p", { class: "muted" }, "Fetching the rows …"),
  );
}
