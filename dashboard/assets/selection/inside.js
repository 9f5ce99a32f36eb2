// What is in a selection: pictures of its crystals, and what distinguishes it from all other sites.
import { button, dialog } from "../common/controls.js";
import { count, minus, plural, short } from "../common/numbers.js";
import { h } from "../common/tree.js";
import { closes, picks } from "./dialogs.js";

const SAMPLE = "Crystals: the most central atom of the selection first, then a random sample. A click opens one.";
const TESTED =
  "p: Fisher’s exact test, corrected for all values tested. Sites of one crystal are not independent, so take a " +
  "small p as a guide.";

function crystal({ site, element, formula, picture, prototype }, click) {
  const props = { key: site, type: "button", class: "crystal", "data-test": `crystal-${site}`, on: { click } };
  return h(
    "button",
    props,
    h("img", { src: picture, alt: `${element} marked in ${formula}` }),
    h("b", {}, `${element} in ${formula}`),
    h("span", { class: "muted" }, prototype || "unnamed"),
  );
}

function pWords(p) {
  if (p < 1e-300) return "< 1e-300";
  return p < 0.001 ? minus(p.toExponential(1)) : p.toFixed(3);
}

function contrastRow({ label, value, selected, rest, ratio, p }) {
  const times = ratio === null ? "only here" : `${short(ratio)} ×`;
  const numbers = [count(selected), count(rest), times, pWords(p)];
  const cells = numbers.map((each) => h("td", { class: "number" }, each));
  return h("tr", { key: `${label}-${value}` }, h("td", {}, label), h("td", {}, value), cells);
}

function contrastTable(rows) {
  const words = ["Label", "Value"].map((each) => h("th", { scope: "col" }, each));
  const numbers = ["Selected", "Others", "Ratio", "p"].map((each) => h("th", { scope: "col", class: "number" }, each));
  const head = h("thead", {}, h("tr", {}, words, numbers));
  const props = { class: "rows still", "data-test": "contrasts" };
  return h("table", props, head, h("tbody", {}, rows.map(contrastRow)));
}

function nothingWords({ n, of }) {
  return h("p", {}, n === of ? "Nothing: the selection holds every site." : "Nothing: no value has p below 0.05.");
}

function contrastHead(act) {
  const save = { test: "contrast-csv", title: "Save every value that was tested", on: () => act.emit("contrast_csv") };
  const words = h("h3", {}, "What stands out against all other sites");
  return h("div", { class: "card-head" }, words, button("CSV", save));
}

function insideBody(data, act, close) {
  const { crystals = [], rows = [] } = data.inside;
  const pictures = crystals.map((each) => crystal(each, picks(each.site, act, close)));
  return [
    h("p", { class: "muted" }, SAMPLE),
    h("div", { class: "crystals", "data-test": "crystals" }, pictures),
    contrastHead(act),
    h("p", { class: "muted" }, TESTED),
    rows.length ? contrastTable(rows) : nothingWords(data),
  ];
}

export function insideDialog(data, act) {
  const close = closes("inside", act);
  const title = `Inside ${plural(data.n, "selected site")}`;
  return dialog(
    { key: "inside", open: Boolean(act.ui.inside), title, test: "inside-dialog", close, cls: "wide" },
    data.inside ? insideBody(data, act, close) : h("p", { class: "muted" }, "Looking at the crystals …"),
  );
}
