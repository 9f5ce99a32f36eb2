import { plural } from "../common/numbers.js";
import { h } from "../common/tree.js";
import { isPresent } from "./select.js";

function luminance(hex) {
  const [r, g, b] = [1, 3, 5]
    .map((i) => Number.parseInt(hex.slice(i, i + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

// Black or white, whichever stands out more; the better of the two is always above 4.5 : 1.
const ink = (hex) => (luminance(hex) > 0.179 ? "#000000" : "#ffffff");

export function describe([z, symbol, name], data) {
  const n = data.counts?.[symbol];
  const element = `${name}, ${symbol}, atomic number ${z}`;
  if (!n) return `${element}: ${(data.absent || "not in this atlas").toLowerCase()}`;
  const value = data.values?.[symbol];
  return `${element}: ${plural(n, "site")}${value ? `, ${value}` : ""}`;
}

function styleOf([, symbol, , row, column], data) {
  const colour = data.colors?.[symbol];
  const place = { "grid-row": row + 1 + (row > 7 ? 1 : 0), "grid-column": column + 1 };
  return isPresent(symbol, data) && colour ? { ...place, "--fill": colour, "--ink": ink(colour) } : place;
}

// A tick on what is selected as a whole, a dash on what is in part
function tile(symbol, chosen, partly) {
  const mark = h("span", { class: "mark", "aria-hidden": "true" }, chosen ? "✓" : "–");
  return h("span", { class: "tile" }, symbol, chosen || partly ? mark : null);
}

export function cellButton(cell, data, act) {
  const symbol = cell[1];
  const chosen = Boolean(data.selected?.includes(symbol));
  const partly = Boolean(data.partly?.includes(symbol));
  const words = describe(cell, data);
  const props = {
    key: symbol,
    type: "button",
    class: `cell ${partly ? "partly" : ""} ${data.hovered === symbol ? "hovered" : ""}`,
    "data-test": `element-${symbol}`,
    "data-symbol": symbol,
    "data-color": data.colors?.[symbol] || null,
    tabindex: act.ui.at === symbol ? "0" : "-1",
    "aria-pressed": partly && !chosen ? "mixed" : String(chosen),
    "aria-disabled": isPresent(symbol, data) ? null : "true",
    "aria-label": words,
    title: words,
    style: styleOf(cell, data),
  };
  return h("button", props, tile(symbol, chosen, partly));
}
