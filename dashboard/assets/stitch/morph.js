// The atoms on their way from the source into the target; no step of it asks the server.
import { button } from "../common/controls.js";
import { h } from "../common/tree.js";
import { paint } from "./paint.js";
import { stop } from "./places.js";

const SECONDS = 5; // of a whole morph: source, translated, target

function setStep(act, step) {
  const before = stop(act.ui.step ?? 1);
  act.ui.step = Math.max(0, Math.min(2, step));
  if (stop(act.ui.step) !== before) act.draw();
  const slider = act.root.querySelector("[data-test=morph]");
  if (slider) slider.value = String(act.ui.step);
  paint(act);
}

function arrived(act, frames) {
  const seconds = (performance.now() - frames.since) / 1000;
  act.root.dataset.fps = (frames.n / seconds).toFixed(1);
  act.change({ playing: false });
}

function run(act) {
  const { ui } = act;
  const frames = { n: 0, since: performance.now() };
  let before = frames.since;
  const tick = (time) => {
    if (!ui.playing || !act.root.isConnected) return;
    const next = (ui.step ?? 0) + ((time - before) / 1000) * (2 / SECONDS);
    before = time;
    frames.n += 1;
    setStep(act, next);
    if (next >= 2) arrived(act, frames);
    else requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}

function play(act) {
  const { ui } = act;
  act.change({ playing: !ui.playing });
  if (!ui.playing) return;
  if ((ui.step ?? 1) >= 2 || ui.step === undefined) ui.step = 0;
  run(act);
}

function playButton(reason, act) {
  const title = "Move the atoms from the source into the target";
  const words = act.ui.playing ? "Pause" : "Play";
  return button(words, { test: "morph-play", title, reason: reason || "", on: () => play(act) });
}

function slider(disabled, act) {
  const dragged = (event) => {
    act.ui.playing = false;
    setStep(act, Number(event.target.value));
    act.draw();
  };
  return h("input", {
    type: "range",
    min: "0",
    max: "2",
    step: "0.01",
    value: String(act.ui.step ?? 1),
    disabled,
    "data-test": "morph",
    "aria-label": "From the source, translated, to the target",
    on: { input: dragged },
  });
}

export function morphRow(data, act) {
  const where = stop(act.ui.step ?? 1);
  const end = (i, label) => h("span", { key: `end-${i}`, class: `ends ${where === i ? "now" : ""}` }, label);
  return h(
    "div",
    { key: "morph", class: "morph" },
    playButton(data.reason, act),
    end(0, `${data.source}`),
    slider(Boolean(data.reason), act),
    end(1, "translated"),
    end(2, `true ${data.target}`),
  );
}
