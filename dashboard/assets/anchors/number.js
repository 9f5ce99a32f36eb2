import { later } from "../common/later.js";
import { h } from "../common/tree.js";

// The slider runs along the logarithm: 5 to 50 deserves as much of it as 100 to 1000.
const STEPS = 400;

export const toNumber = (step, low, high) => Math.round(low * (high / low) ** (step / STEPS));

export function toStep(n, low, high) {
  return high > low ? Math.round((STEPS * Math.log(Math.max(low, n) / low)) / Math.log(high / low)) : 0;
}

const FIXED = {
  element: "One for each element: choose another strategy to set the number",
  hand: "By hand the number is what you pick",
};

function settle(value, act) {
  act.ui.live.cancel();
  Object.assign(act.ui, { number: value, held: false });
  act.emit("number", { value, live: false });
}

function slider(shown, { fewest: low, most: high }, disabled, act) {
  const value = (event) => toNumber(Number(event.target.value), low, high);
  const drag = (event) => {
    event.target._held = true;
    act.ui.live(value(event));
    act.change({ number: value(event), held: true });
  };
  const drop = (event) => {
    event.target._held = false;
    settle(value(event), act);
  };
  return h("input", {
    type: "range",
    min: 0,
    max: STEPS,
    step: 1,
    value: String(toStep(shown, low, high)),
    disabled,
    "data-test": "anchor-number-slider",
    "aria-labelledby": "number-label",
    "aria-valuetext": String(shown),
    on: { input: drag, change: drop },
  });
}

function field(shown, { fewest: low, most: high, number }, disabled, act) {
  const typed = (event) => {
    const value = Math.round(Number(event.target.value));
    const kept = Math.min(high, Math.max(low, Number.isFinite(value) ? value : number));
    event.target.value = kept;
    settle(kept, act);
  };
  return h("input", {
    type: "number",
    class: "field number",
    min: low,
    max: high,
    step: 1,
    value: String(shown),
    disabled,
    "data-test": "anchor-number",
    "aria-label": `Number of anchors, ${low} to ${high}`,
    on: { change: typed },
  });
}

// How many anchors: told while the slider is dragged, and once more when it is let go
export function numberLine(data, act) {
  const shown = act.ui.number ?? data.number;
  const reason = FIXED[data.strategy] || "";
  act.ui.live ??= later((value) => act.emit("number", { value, live: true }), 150);
  return h(
    "div",
    { key: "number", class: "line", title: reason || null },
    h("span", { class: "label", id: "number-label" }, "Number"),
    slider(shown, data, Boolean(reason), act),
    field(shown, data, Boolean(reason), act),
  );
}
