const SMALL = 1100;

function fold(act, folded) {
  act.ui.folded = folded;
  document.documentElement.dataset.dock = folded ? "folded" : "open";
  window.dispatchEvent(new Event("resize")); // the maps take or give the room
  act.draw();
  act.emit("dock", { folded });
}

function help(act, open) {
  if (Boolean(act.ui.help) === open) return;
  act.ui.help = open;
  act.draw();
  act.emit("help", { open });
}

function message(each, act) {
  return h("div", { key: each.id, class: `message is-${each.kind}`, role: each.kind === "error" ? "alert" : "status", "data-test": `message-${each.id}` },
    h("div", { class: "parts" }, h("p", { class: "happened" }, each.happened), each.expected && h("p", { class: "muted" }, each.expected), each.next && h("p", {}, each.next)),
    button("Dismiss", { test: `dismiss-${each.id}`, title: "Take this message away", on: () => act.emit("dismiss", { id: each.id }) }));
}

function progressLine(progress, act) {
  if (!progress) return null;
  const share = progress.fraction === null || progress.fraction === undefined ? null : Math.round(100 * progress.fraction);
  return h("span", { key: "progress", class: "busy", role: "status", "data-test": "progress" }, h("span", { class: "words" }, progress.text),
    share === null ? h("progress", { key: "unknown", "aria-label": progress.text }) : [h("progress", { key: "known", max: "1", value: progress.fraction, "aria-label": progress.text }), h("span", { class: "number" }, `${share} %`)],
    progress.cancellable && button("Cancel", { test: "cancel", title: "Stop this work", on: () => act.emit("cancel") }));
}

function view(data, ui, act) {
  return [
    h("div", { key: "messages", class: "messages", "data-test": "messages" }, (data.messages || []).map((each) => message(each, act))),
    h("div", { key: "line", class: "line" },
      h("p", { class: "sentence", "data-test": "sentence", title: `${data.lead || ""} ${data.text || ""}` }, h("b", {}, data.lead || ""), h("span", { class: "muted" }, ` ${data.text || ""}`)),
      h("button", { type: "button", class: "link", "data-test": "how-to-read", "aria-haspopup": "dialog", "aria-expanded": String(Boolean(ui.help)), on: { click: () => help(act, true) } }, "How to read this"),
      h("span", { class: "space" }), progressLine(data.progress, act),
      button(ui.folded ? "Show panels ▴" : "Hide panels ▾", { test: "fold", cls: "quiet fold", title: ui.folded ? "Bring the periodic table and the selection back" : "Give the maps all the room", on: () => fold(act, !ui.folded) })),
    dialog({ key: "help", open: Boolean(ui.help), title: "How to read this", test: "help-dialog", close: () => help(act, false) },
      (data.help || []).map((section) => h("section", { key: section.title, class: "help" }, h("h3", {}, section.title), section.paragraphs.map((text) => h("p", {}, text))))),
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
