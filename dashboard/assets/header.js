import { component } from "./common/component.js";
import { button, dialog, dropdown } from "./common/controls.js";
import { menuButton, menuItem, panel } from "./common/menus.js";
import { h } from "./common/tree.js";
import { copyText, saveFile } from "./header/hand_out.js";
import { followHistory, takeAddress } from "./header/history.js";
import { keepOffEdges, watchHeld } from "./header/pointer.js";
import { chooseDark, followSystem, isDark, takeTheme } from "./header/theme.js";

const COPIED = 1800; // ms for which a button says so

async function copy(act, what, text) {
  const done = await copyText(text);
  act.change({ copied: done ? what : null, byHand: done ? null : text });
  setTimeout(() => act.change({ copied: null }), COPIED);
}

// Which picture: all maps, one of them, or what else the page can draw
function pictureChoice(data, ui, act) {
  const pictures = data.pictures || [];
  if (!pictures.some(({ value }) => value === ui.what)) ui.what = pictures[0]?.value || "all";
  const options = pictures.map(({ value, label }) => ({ value, label }));
  const props = { class: "field", "data-test": "save-what", "aria-label": "Picture of" };
  const choice = dropdown(options, ui.what, (what) => act.change({ what }), props);
  return h("label", { key: "what", class: "what" }, h("span", { class: "muted" }, "Picture of"), choice);
}

function saveMenu(data, ui, act) {
  const save = (format) => () => {
    act.close(true);
    act.emit("save", { format, what: ui.what || "all" });
  };
  const cite = () => {
    act.close(true);
    copy(act, "cite", data.cite || "");
  };
  const reason = data.csv_reason;
  return panel(
    act,
    "save",
    { role: "menu", "aria-label": "Save picture", "data-test": "menu-save" },
    pictureChoice(data, ui, act),
    menuItem({ label: "PNG", note: "twice the size", test: "save-png" }, save("png")),
    menuItem({ label: "SVG", note: "for papers", test: "save-svg" }, save("svg")),
    data.tables?.includes(ui.what) &&
      menuItem({ label: "CSV of its numbers", note: "with its parameters", test: "save-numbers" }, save("numbers")),
    menuItem({ label: "CSV of the selection", test: "save-csv", disabled: Boolean(reason), reason }, save("csv")),
    menuItem({ label: "Cite this figure", note: "copies the text", test: "save-cite" }, cite),
  );
}

function pageButton({ value, label }, current, act) {
  const props = {
    key: value,
    type: "button",
    class: "plain page",
    "data-test": `page-${value}`,
    "aria-current": value === current ? "page" : null,
    on: { click: () => act.emit("page", { value }) },
  };
  return h("button", props, label);
}

function pageButtons({ pages = [], page }, act) {
  const buttons = pages.map((each) => pageButton(each, page, act));
  return h("nav", { class: "pages", "aria-label": "Pages" }, buttons);
}

function linkNote({ link_note: title }) {
  if (!title) return null;
  const props = { key: "link-note", class: "link-note", role: "status", title, "data-test": "link-note" };
  return h("span", props, "link incomplete");
}

function linkButton(data, ui, act) {
  return button(ui.copied === "link" ? "Copied" : "Copy link", {
    test: "copy-link",
    cls: "quiet link-button",
    title: data.link_note || "Copy the address of this view",
    on: () => copy(act, "link", location.href),
  });
}

function saveButton(ui, act) {
  const label = ui.copied === "cite" ? "Citation copied" : "Save picture";
  return menuButton(act, { id: "save", label, test: "save", cls: "quiet", title: "Save what is seen" });
}

function stageButton({ stage }, act) {
  return button("Stage", {
    test: "stage",
    cls: "quiet",
    pressed: stage,
    title: "Large type, maps only, for a talk (leave with Escape)",
    on: () => act.emit("stage", { value: !stage }),
  });
}

function darkButton(data, ui, act) {
  const dark = isDark(data, ui);
  return button(dark ? "Light" : "Dark", {
    test: "dark",
    cls: "quiet dark-button",
    title: `Change to a ${dark ? "light" : "dark"} page`,
    on: () => chooseDark(act, !dark, true),
  });
}

function helpButton(act) {
  const title = "How to read this page";
  const name = "Help: how to read this page";
  return button("?", { test: "help", cls: "quiet", name, title, on: () => act.emit("help") });
}

// For browsers that do not let the page copy
function byHandDialog(ui, act) {
  const close = () => act.change({ byHand: null });
  const words = "The browser does not let this page copy. Select the text and copy it.";
  return dialog(
    { key: "by-hand", open: Boolean(ui.byHand), title: "Copy this text", test: "copy-by-hand", close },
    h("p", { class: "muted" }, words),
    h("p", { class: "copyable" }, ui.byHand || ""),
  );
}

function view(data, ui, act) {
  const bar = h(
    "div",
    { class: "bar", "data-test": "header" },
    h("span", { class: "brand" }, data.brand || "Platonic Atlas"),
    pageButtons(data, act),
    h("span", { class: "atlas", title: data.atlas, "data-test": "atlas-name" }, data.atlas || ""),
    linkNote(data),
    linkButton(data, ui, act),
    saveButton(ui, act),
    stageButton(data, act),
    darkButton(data, ui, act),
    helpButton(act),
    h("span", { class: "hidden", role: "status" }, ui.copied ? "Copied" : ""),
  );
  return [bar, saveMenu(data, ui, act), byHandDialog(ui, act)];
}

function leaveStage(event, act) {
  if (event.key === "Escape" && act.data().stage && !act.ui.open) act.emit("stage", { value: false });
}

export function render({ model, el }) {
  component(model, el, view, {
    started(act) {
      act.ui.saved = act.data().download?.n;
      act.ui.reloads = act.data().reloads;
      followSystem(act);
      followHistory(act);
      act.emit("opened");
      watchHeld(act);
      keepOffEdges(act);
      act.listen(document, "keydown", (event) => leaveStage(event, act));
    },
    changed(act) {
      const { download, reloads } = act.data();
      if (reloads !== act.ui.reloads) location.reload();
      takeTheme(act);
      takeAddress(act);
      if (download && download.n !== act.ui.saved) saveFile(download);
      act.ui.saved = download?.n ?? act.ui.saved;
      act.draw();
    },
  });
}
