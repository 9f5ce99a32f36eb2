import { component } from "./common/component.js";
import { button, dialog } from "./common/controls.js";
import { h } from "./common/tree.js";

const SMALL = 1100; // px: below, the panels start folded

function fold(act, folded) {
  act.ui.folded = folded;
  document.documentElement.dataset.dock = folded ? "folded" : "open";
  window.dispatchEvent(new Event("resize")); // the maps take or give the room
  act.draw();
  act.emit("dock", { folded });
}

function help(act, open) {
  if (Boolean(act.ui.help) === open) return;
  act.change({ help: open });
  act.emit("help", { open });
}

function message({ id, kind, happened, expected, next, action }, act) {
  const doIt = action && button(action, { test: `act-${id}`, on: () => act.emit("act", { id }) });
  const dismiss = () => act.emit("dismiss", { id });
  const props = { class: `message is-${kind}`, role: kind === "error" ? "alert" : "status" };
  const parts = [
    h("p", { class: "happened" }, happened),
    expected && h("p", { class: "muted" }, expected),
    next && h("p", {}, next),
  ];
  return h(
    "div",
    { key: id, ...props, "data-test": `message-${id}` },
    h("div", { class: "parts" }, parts),
    doIt,
    button("Dismiss", { test: `dismiss-${id}`, title: "Take this message away", on: dismiss }),
  );
}

// Keys of their own: a bar that once had a value would not go back to having none.
function share({ fraction, text }) {
  if (fraction === null || fraction === undefined) return h("progress", { key: "unknown", "aria-label": text });
  return [
    h("progress", { key: "known", max: "1", value: fraction, "aria-label": text }),
    h("span", { class: "number" }, `${Math.round(100 * fraction)} %`),
  ];
}

function progressLine(progress, act) {
  if (!progress) return null;
  const stop = { test: "cancel", title: "Stop this work", on: () => act.emit("cancel") };
  return h(
    "span",
    { key: "progress", class: "busy", role: "status", "data-test": "progress" },
    h("span", { class: "words" }, progress.text),
    share(progress),
    progress.cancellable && button("Cancel", stop),
  );
}

function sentence({ lead = "", text = "" }) {
  const props = { class: "sentence", "data-test": "sentence", title: `${lead} ${text}` };
  return h("p", props, h("b", {}, lead), h("span", { class: "muted" }, ` ${text}`));
}

function helpLink(ui, act) {
  const props = {
    type: "button",
    class: "link",
    "data-test": "how-to-read",
    "aria-haspopup": "dialog",
    "aria-expanded": String(Boolean(ui.help)),
    on: { click: () => help(act, true) },
  };
  return h("button", props, "How to read this");
}

function foldButton({ folded }, act) {
  return button(folded ? "Show panels ▴" : "Hide panels ▾", {
    test: "fold",
    cls: "quiet fold",
    title: folded ? "Bring the periodic table and the selection back" : "Give the maps all the room",
    on: () => fold(act, !folded),
  });
}

function helpDialog(sections, ui, act) {
  const close = () => help(act, false);
  const section = ({ title, paragraphs }) => {
    const words = paragraphs.map((text) => h("p", {}, text));
    return h("section", { key: title, class: "help" }, h("h3", {}, title), words);
  };
  const props = { key: "help", open: Boolean(ui.help), title: "How to read this", test: "help-dialog", close };
  return dialog(props, sections.map(section));
}

function view(data, ui, act) {
  const messages = (data.messages || []).map((each) => message(each, act));
  const line = [
    sentence(data),
    helpLink(ui, act),
    h("span", { class: "space" }),
    progressLine(data.progress, act),
    foldButton(ui, act),
  ];
  return [
    h("div", { key: "messages", class: "messages", "data-test": "messages" }, messages),
    h("div", { key: "line", class: "line" }, line),
    helpDialog(data.help || [], ui, act),
  ];
}

export function render({ model, el }) {
  component(model, el, view, {
    started(act) {
      const { folded, help_asked } = act.data();
      act.ui.asked = help_asked || 0;
      fold(act, folded ?? innerWidth <= SMALL);
    },
    changed(act) {
      const { folded, help_asked } = act.data();
      if (typeof folded === "boolean" && folded !== act.ui.told && folded !== act.ui.folded) fold(act, folded);
      act.ui.told = folded;
      if ((help_asked || 0) > act.ui.asked) help(act, true);
      act.ui.asked = help_asked || 0;
    },
  });
}
