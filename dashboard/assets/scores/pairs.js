// All pairs of models: a ladder of kin, and a matrix of one score.
import { button, dialog, segmented, waiting } from "../common/controls.js";
import { count, plural } from "../common/numbers.js";
import { h } from "../common/tree.js";
import { scoreBar } from "./charts.js";
import { matrixTable } from "./matrix.js";

const SCORES = [
  {
    value: "r2",
    label: "Within elements",
    title: "Variance explained after each element’s mean is taken away",
  },
  {
    value: "r2_raw",
    label: "In all",
    title: "Variance explained; the element alone explains much of it",
  },
  {
    value: "element_at_1",
    label: "Same element",
    title: "Share of unseen atoms whose nearest place in the target is of their element",
  },
  {
    value: "atom_at_1",
    label: "Same atom",
    title: "Share of unseen atoms whose nearest place in the target is their own",
  },
  {
    value: "structure_at_1",
    label: "Same crystal",
    title: "Share of unseen atoms whose nearest place in the target is in their crystal",
  },
  {
    value: "energy_mae",
    label: "Energy",
    title:
      "Median error of energies through the target’s readout, element energies fitted; meV per atom, smaller is " +
      "better",
  },
];

const NOTES = {
  r2_raw: "Here a control can beat trained models: most of the variance is the element.",
  element_at_1: "The element’s mean alone does well here.",
  energy_mae:
    "Median error of unseen crystals, meV per atom, element energies fitted; smaller is better. The mean stands in " +
    "the tooltip: one crystal whose translated features leave what a readout knows can decide it. Columns are empty " +
    "where a model has no energies of atoms, or its environment is not installed.",
};

function rungBar({ name, label, n, mean, low, high }) {
  const bar = { label: `${label} (${count(n)})`, value: Math.max(0, mean), range: [low, high] };
  return scoreBar({ ...bar, control: name === "control" }, 1);
}

function ladderBox(pairs) {
  const words =
    "Targets are trained models. A bar is the mean over pairs, its stroke runs from the worst pair to the best.";
  return h(
    "section",
    { key: "ladder", class: "ladder", "data-test": "ladder" },
    h("h3", {}, "The ladder: explained within elements, by kin"),
    h("p", { class: "muted" }, words),
    h("div", { class: "bars" }, pairs.ladder.map(rungBar)),
  );
}

function reversalBox({ reversals }) {
  if (!reversals.length) {
    return h("p", { key: "none" }, "Every trained source explains every trained target better than every control.");
  }
  const summary = `${plural(reversals.length, "pair")} in which a control explains more than a trained model`;
  const list = h(
    "ul",
    {},
    reversals.map((each) => h("li", { key: each }, each)),
  );
  return h("details", { key: "reversals", "data-test": "reversals" }, h("summary", {}, summary), list);
}

function footnote(pairs, score) {
  const left = pairs.left_out.join(", ");
  return h(
    "p",
    { key: "sites", class: "muted" },
    `${count(pairs.sites)} sites that all models embed, ridge, ten splits by structure.`,
    left ? ` Left out, because a model throws an atom of theirs far off: ${left}.` : "",
    NOTES[score] ? ` ${NOTES[score]}` : "",
    score === "energy_mae" && pairs.reasons.length ? ` ${pairs.reasons.join(" ")}` : "",
  );
}

function known(pairs, ui, act) {
  const options = SCORES.filter((each) => pairs.scores[each.value]);
  const score = options.some((each) => each.value === ui.score) ? ui.score : "r2";
  const group = { id: "matrix", label: "Which score", value: score, options };
  return [
    ladderBox(pairs),
    reversalBox(pairs),
    h(
      "div",
      { key: "choose", class: "status" },
      segmented(group, (value) => act.change({ score: value })),
    ),
    matrixTable(pairs, score, act),
    footnote(pairs, score),
  ];
}

function unknown({ progress, problem }, act) {
  if (progress) {
    const said = { key: "wait", text: "Translating every model into every other", label: "All pairs" };
    const stop = { test: "pairs-cancel", on: () => act.emit("pairs_cancel") };
    return [waiting({ ...said, fraction: progress.fraction }, stop)];
  }
  const again = button("Compute", { test: "pairs-again", on: () => act.emit("pairs") });
  return [h("p", { key: "problem" }, problem || "Cancelled."), again];
}

export function pairsDialog(data, ui, act) {
  const pairs = data.pairs || {};
  const close = () => ui.all && act.change({ all: false });
  const body = pairs.names ? known(pairs, ui, act) : unknown(pairs, act);
  const props = { key: "pairs", open: Boolean(ui.all), title: "All pairs of models", test: "pairs-dialog" };
  return dialog({ ...props, close, cls: "wide pairs" }, ...body);
}

export function pairsButton(act) {
  const title = "Every model into every other: a ladder of kin and a matrix; takes a minute or two the first time";
  const on = () => {
    act.emit("pairs");
    act.change({ all: true });
  };
  return button("All pairs", { test: "pairs", title, on });
}
