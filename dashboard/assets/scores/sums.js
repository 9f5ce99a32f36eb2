// How often sums of environments come out, by model
import { button, waiting } from "../common/controls.js";
import { count } from "../common/numbers.js";
import { h } from "../common/tree.js";

const HEAD = [
  "",
  "Right element first",
  "in five",
  "with c alone",
  "Right prototype first",
  "The very atom first",
  "Right element in other trained models",
];
const ADVICE =
  "· marks a control. Untrained networks are better at this than trained ones: arithmetic that works is no sign of " +
  "learning.";

const share = (value) => `${Math.round(100 * value)} %`;

function row(title, cells, cls = "") {
  const head = h("th", { scope: "row" }, title);
  return h(
    "tr",
    { key: title, class: cls },
    head,
    cells.map((cell, i) => h("td", { key: i }, cell)),
  );
}

function chanceRow({ element_at_1, element_at_5, prototype_at_1, site_at_1 }) {
  const shares = [element_at_1, element_at_5, element_at_1, prototype_at_1, site_at_1, element_at_1];
  return row("Chance", shares.map(share), "chance");
}

function modelRow({ title, control, sum, only_c, across }) {
  const own = [sum.element_at_1, sum.element_at_5, only_c.element_at_1, sum.prototype_at_1, sum.site_at_1].map(share);
  const others = across ? `${share(across.mean)} (${share(across.low)} to ${share(across.high)})` : "–";
  return row(`${title}${control ? " ·" : ""}`, [...own, others], control ? "control" : "");
}

function waitingRow({ fraction }, act) {
  const said = { key: "wait", text: "Two thousand sums in every model", label: "Analogies", fraction };
  return waiting(said, { test: "bench-cancel", on: () => act.emit("bench_cancel") });
}

function askRow(act) {
  const title =
    "Two thousand such sums in every model, and from each into every other; takes a minute or two the first time";
  const ask = { test: "bench-table", title, on: () => act.emit("bench_table") };
  return h("div", { key: "ask", class: "status" }, button("How often does it work?", ask));
}

export function sumsTable({ table, progress }, act) {
  if (progress) return waitingRow(progress, act);
  if (!table) return askRow(act);
  const head = h(
    "tr",
    {},
    HEAD.map((each) => h("th", { key: each, scope: "col" }, each)),
  );
  const body = h("tbody", {}, chanceRow(table.chance), table.rows.map(modelRow));
  const sums = h("table", { class: "sums", "data-test": "sums" }, h("thead", {}, head), body);
  return h(
    "section",
    { key: "table" },
    h("h3", {}, `How often it works: ${count(table.n)} sums`),
    h("div", { class: "matrix-room" }, sums),
    h("p", { class: "muted" }, ADVICE),
  );
}
