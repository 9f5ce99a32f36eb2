import { button, dropdown, waiting } from "../common/controls.js";
import { minus } from "../common/numbers.js";
import { h } from "../common/tree.js";

const two = (value) => (value === null || value === undefined ? "–" : minus(value.toFixed(2)));
const AXES = ["along the first axis", "along the second axis"];
export const NOTHING =
  "Agreement is of two trained models at least, relative to two anchors at least: show Relative, and choose anchors.";

// One bar for each axis, the first above the second; below 0 nothing is drawn
function agreementBar(model) {
  const drawn = model.agreement.map((value, axis) => {
    const width = `${100 * Math.max(0, Math.min(1, value || 0))}%`;
    return h("i", { key: axis, class: model.control ? "" : "own", style: { width } });
  });
  const words = model.agreement.map((value, axis) => `${two(value)} ${AXES[axis]}`).join(", ");
  return h(
    "span",
    { key: `t-${model.name}`, class: "track two", role: "img", "aria-label": words, title: words },
    drawn,
  );
}

function agreementRow(model, beside) {
  const label = { key: `l-${model.name}`, class: `name ${model.control ? "muted" : ""}`, title: model.title };
  const told = model.agreement.map(two).join(" · ");
  const other = beside?.models[model.name]?.agreement.map(two).join(" · ");
  return [
    h("span", label, model.title),
    agreementBar(model),
    h(
      "span",
      { key: `v-${model.name}`, class: "number" },
      told,
      other ? h("span", { class: "muted" }, ` | ${other}`) : null,
    ),
  ];
}

function agreementBox(title, models, beside, test) {
  const rows = { class: beside ? "rows3 both" : "rows3", tabindex: "0", "aria-label": title };
  return h(
    "section",
    { key: test, "aria-label": title, "data-test": test },
    h("h2", {}, title),
    models.length
      ? h(
          "div",
          rows,
          models.map((each) => agreementRow(each, beside)),
        )
      : h("p", { class: "muted" }, "This atlas has none."),
  );
}

const ROOM = { width: 240, height: 92, left: 20, top: 6, bottom: 14 };

function sharedChart({ shared, chance, beside }) {
  const { width, height, left, top, bottom } = ROOM;
  const step = (width - left) / Math.max(1, shared.length);
  const tall = (value) => (height - top - bottom) * Math.max(0, Math.min(1, value || 0));
  const base = height - bottom;
  const bar = (value, i) =>
    h("rect", {
      key: `b${i}`,
      class: "own",
      x: left + i * step + 2,
      width: step - 4,
      y: base - tall(value),
      height: tall(value),
    });
  const stroke = (kind) => (value, i) => {
    const at = base - tall(value);
    return h("line", {
      key: `${kind}${i}`,
      class: kind,
      x1: left + i * step,
      x2: left + (i + 1) * step,
      y1: at,
      y2: at,
    });
  };
  const number = (_, i) =>
    h("text", { key: `n${i}`, x: left + (i + 0.5) * step, y: height - 3, "text-anchor": "middle" }, String(i + 1));
  const heights = [0, 0.5, 1].map((value) =>
    h("text", { key: `h${value}`, x: left - 3, y: base - tall(value) + 3, "text-anchor": "end" }, String(value)),
  );
  const words = `Shared along each axis: ${shared.map(two).join(", ")}`;
  return h(
    "svg",
    { class: "shared", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": words, "data-test": "lab-shared" },
    shared.map(bar),
    (beside?.shared || []).map(stroke("beside")),
    (chance?.all_sites || []).map(stroke("all")),
    (chance?.within_elements || []).map(stroke("within")),
    shared.map(number),
    heights,
  );
}

function chanceLine({ chance, progress }, act) {
  if (!chance) {
    const reason = progress ? "Something is being measured" : "";
    const title = "The rows of each model change places: what then is shared is chance, or composition";
    return button("Compare with chance", {
      test: "lab-chance",
      title,
      reason,
      on: () => act.emit("examine", { what: "chance" }),
    });
  }
  return h(
    "p",
    { class: "muted", "data-test": "lab-chance-told" },
    "Dashed: rows shuffled over all sites. Dotted: within elements.",
  );
}

function sharedBox(lab, act) {
  return h(
    "section",
    { key: "shared", "aria-label": "What all share", "data-test": "lab-shared-box" },
    h("h2", {}, "What all share, by axis"),
    sharedChart(lab),
    h(
      "p",
      { class: "muted" },
      lab.beside ? `Strokes: ${lab.beside.name}.` : "1: every model puts each atom at the same place.",
    ),
    chanceLine(lab, act),
  );
}

const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

function power(value) {
  const [digits, exponent] = value.toExponential(1).split("e+");
  return value < 1000 ? value.toPrecision(3) : `${digits} × 10${[...exponent].map((digit) => RAISED[digit]).join("")}`;
}

function redundancyRow({ name, title, effective, rank, features, singular, condition }, beside) {
  const other = beside?.models[name];
  const note = singular
    ? `${rank} of the directions are independent: some anchors follow from others`
    : "No anchor follows from the others";
  const of = condition === null ? "–" : power(condition);
  return h(
    "tr",
    { key: name, title: note },
    h("th", { scope: "row", title }, title),
    h("td", {}, effective.toFixed(1)),
    beside ? h("td", { class: "muted" }, other ? other.effective.toFixed(1) : "–") : null,
    h("td", {}, String(features)),
    h("td", {}, of),
  );
}

// How much the anchors repeat each other, model by model
export function redundancyBox({ models, n, beside }) {
  const heads = [
    ["", ""],
    ["Effective rank", "As many anchors at right angles would say as much (exp of the entropy of the eigenvalues)"],
    ...(beside ? [[`of ${beside.name}`, `Effective rank of the ${beside.n} anchors of ${beside.name}`]] : []),
    ["Features", "Numbers with which the model describes an atom: more anchors than these add nothing"],
    [
      "Condition",
      "Largest over smallest eigenvalue of the anchors' Gram matrix: large where anchors say nearly the same",
    ],
  ];
  const head = h(
    "tr",
    {},
    heads.map(([label, title]) => h("th", { key: label, scope: "col", title: title || null }, label)),
  );
  return h(
    "section",
    { key: "redundancy", class: "wide", "aria-label": "Redundancy", "data-test": "lab-redundancy" },
    h("h2", {}, `Redundancy of the ${n} anchors`),
    h(
      "div",
      { class: "scrolls", tabindex: "0" },
      h(
        "table",
        {},
        h("thead", {}, head),
        h(
          "tbody",
          {},
          models.map((each) => redundancyRow(each, beside)),
        ),
      ),
    ),
  );
}

// How far each model agrees with the others, and controls with the models; what all share, beside chance
export function agreementBoxes(lab, act) {
  const of = (control) => lab.models.filter((each) => each.control === control);
  return [
    agreementBox("Each with the others", of(false), lab.beside, "lab-trained"),
    agreementBox("Controls, which learned nothing", of(true), lab.beside, "lab-controls"),
    sharedBox(lab, act),
  ];
}

// Another set, whose numbers stand beside those of the one in use
export function besideChoice({ sets, current }, lab, act) {
  const others = (sets || []).filter(({ name }) => name !== current);
  const options = [{ value: "", label: "nothing" }, ...others.map(({ name }) => ({ value: name, label: name }))];
  const props = { class: "field", "data-test": "lab-beside", "aria-label": "Another set beside" };
  const field = dropdown(options, act.ui.beside ?? lab?.beside_of ?? "", (value) => besideTurn(value, act), props);
  const words = h("span", { class: "muted" }, "Beside");
  return h(
    "div",
    { key: "beside", class: "choices" },
    mapChoice(lab, act),
    h("label", { class: "beside" }, words, field),
  );
}

// The model whose map stands above twice, once for each set
function mapChoice(lab, act) {
  if (!lab?.beside) return lab?.beside_of ? h("span", { key: "map-of", class: "muted" }, "Measuring …") : null;
  const { value, options } = lab.map_of;
  const props = { class: "field", "data-test": "lab-map-of", "aria-label": "Two maps of" };
  const field = dropdown(options, value, (name) => act.emit("map_of", { value: name }), props);
  return h("label", { key: "map-of", class: "beside" }, h("span", { class: "muted" }, "Two maps of"), field);
}

function besideTurn(value, act) {
  act.change({ beside: value });
  act.emit("beside", { value });
}

// A line for work under way, or what went wrong
export function labStatus({ progress, message }, act) {
  if (progress) return waiting({ key: "lab-status", ...progress }, { test: "lab-stop", on: () => act.emit("stop") });
  return message ? h("p", { key: "lab-status", class: "wrong", role: "status" }, message) : null;
}
