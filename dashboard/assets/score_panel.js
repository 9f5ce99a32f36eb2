import { component } from "./common/component.js";
import { button, waiting } from "./common/controls.js";
import { h } from "./common/tree.js";
import { benchButton, benchDialog } from "./scores/bench.js";
import { chartBoxes } from "./scores/charts.js";
import { moreBox, offerButton } from "./scores/more.js";
import { pairsButton, pairsDialog } from "./scores/pairs.js";
import { parityDialog } from "./scores/parity.js";

function computing(progress, act) {
  const stop = progress.cancellable && { test: "score-cancel", on: () => act.emit("cancel") };
  return waiting({ key: "status", text: progress.text, fraction: progress.fraction }, stop);
}

function asked(data, act) {
  const title = "Ten splits by structure, with every control; takes about half a minute";
  const on = () => act.emit("score");
  const score = button("Score this stitch", { test: "score", title, reason: data.reason, on });
  return h("div", { key: "status", class: "status wrap" }, score, pairsButton(act), benchButton(act));
}

function unscored(data, act) {
  const offer = data.offer && !data.reason;
  return h(
    "section",
    { key: "none", class: "lead" },
    h("h2", {}, data.title),
    h("p", {}, data.reason || data.note),
    offer ? h("p", { key: "offer" }, data.offer.reason, " ", offerButton(data, act)) : null,
    data.progress ? computing(data.progress, act) : asked(data, act),
  );
}

function scored(data, ui, act) {
  return [chartBoxes(data.charts, ui, act), moreBox(data, ui, act)];
}

function view(data, ui, act) {
  if (!data.charts) return h("div", { class: "scores" });
  return h(
    "div",
    { class: "scores", "data-test": "scores" },
    data.charts.length > 0 ? scored(data, ui, act) : unscored(data, act),
    pairsDialog(data, ui, act),
    parityDialog(data, ui, act),
    benchDialog(data, ui, act),
  );
}

export function render({ model, el }) {
  component(model, el, view);
}
