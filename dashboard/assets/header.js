async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Plain http to another machine has no clipboard API; the old way still works there.
    const area = document.createElement("textarea");
    area.value = text;
    area.style.cssText = "position:fixed;opacity:0";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

function saveFile({ name, mime, base64 }) {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type: mime }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

const system = () => matchMedia("(prefers-color-scheme: dark)");

function isDark(data, ui) {
  if (ui.dark !== undefined) return ui.dark;
  return data.dark === null || data.dark === undefined ? system().matches : data.dark;
}

function applyTheme(act) {
  const page = document.documentElement;
  page.dataset.theme = isDark(act.data(), act.ui) ? "dark" : "light";
  page.dataset.stage = String(Boolean(act.data().stage));
  page.dataset.page = act.data().page || "atlas";
}

function chooseDark(act, value, chosen) {
  act.ui.dark = value;
  if (chosen) act.ui.following = false;
  applyTheme(act);
  act.draw();
  act.emit("dark", { value, chosen });
}

async function copy(act, what, text) {
  const done = await copyText(text);
  act.ui.copied = done ? what : null;
  act.ui.byHand = done ? null : text;
  act.draw();
  setTimeout(() => { act.ui.copied = null; act.draw(); }, 1800);
}

// Which picture: all maps, one of them, or what else the page can draw
function pictureChoice(data, ui, act) {
  const known = (data.pictures || []).map((each) => each.value);
  if (!known.includes(ui.what)) ui.what = known[0] || "all";
  return h("label", { key: "what", class: "what" }, h("span", { class: "muted" }, "Picture of"),
    h("select", { class: "field", "data-test": "save-what", value: ui.what, "aria-label": "Picture of",
      on: { change: (event) => { ui.what = event.target.value; act.draw(); } } },
    (data.pictures || []).map((each) => h("option", { key: each.value, value: each.value }, each.label))));
}

function saveMenu(data, ui, act) {
  const save = (format) => () => { act.close(true); act.emit("save", { format, what: ui.what || "all" }); };
  return panel(act, "save", { role: "menu", "aria-label": "Save picture", "data-test": "menu-save" },
    pictureChoice(data, ui, act),
    menuItem({ label: "PNG", note: "twice the size", test: "save-png" }, save("png")),
    menuItem({ label: "SVG", note: "for papers", test: "save-svg" }, save("svg")),
    menuItem({ label: "CSV of the selection", test: "save-csv", disabled: Boolean(data.csv_reason), reason: data.csv_reason }, save("csv")),
    menuItem({ label: "Cite this figure", note: "copies the text", test: "save-cite" },
      () => { act.close(true); copy(act, "cite", data.cite || ""); }));
}

function view(data, ui, act) {
  const dark = isDark(data, ui);
  return [h("div", { class: "bar", "data-test": "header" },
    h("span", { class: "brand" }, data.brand || "Platonic Atlas"),
    h("nav", { class: "pages", "aria-label": "Pages" }, (data.pages || []).map((page) => h("button", {
      key: page.value, type: "button", class: "plain page", "data-test": `page-${page.value}`,
      "aria-current": page.value === data.page ? "page" : null, on: { click: () => act.emit("page", { value: page.value }) },
    }, page.label))),
    h("span", { class: "atlas", title: data.atlas, "data-test": "atlas-name" }, data.atlas || ""),
    data.link_note ? h("span", { key: "link-note", class: "link-note", role: "status", title: data.link_note, "data-test": "link-note" }, "link incomplete") : null,
    button(ui.copied === "link" ? "Copied" : "Copy link", { test: "copy-link", cls: "quiet link-button", title: data.link_note || "Copy the address of this view",
      on: () => copy(act, "link", location.href) }),
    menuButton(act, { id: "save", label: ui.copied === "cite" ? "Citation copied" : "Save picture", test: "save", cls: "quiet", title: "Save what is seen" }),
    button("Stage", { test: "stage", cls: "quiet", pressed: data.stage, title: "Large type, maps only, for a talk (leave with Escape)",
      on: () => act.emit("stage", { value: !data.stage }) }),
    button(dark ? "Light" : "Dark", { test: "dark", cls: "quiet dark-button", title: `Change to a ${dark ? "light" : "dark"} page`, on: () => chooseDark(act, !dark, true) }),
    button("?", { test: "help", cls: "quiet", name: "Help: how to read this page", title: "How to read this page", on: () => act.emit("help") }),
    h("span", { class: "hidden", role: "status" }, ui.copied ? "Copied" : "")),
  saveMenu(data, ui, act),
  dialog({ key: "by-hand", open: Boolean(ui.byHand), title: "Copy this text", test: "copy-by-hand", close: () => { ui.byHand = null; act.draw(); } },
    h("p", { class: "muted" }, "The browser does not let this page copy. Select the text and copy it."),
    h("p", { class: "copyable" }, ui.byHand || ""))];
}

export function render({ model, el }) {
  component(model, el, view, {
    started(act) {
      const { dark } = act.data();
      act.ui.following = dark === null || dark === undefined;
      act.ui.saved = act.data().download?.n;
      if (act.ui.following) chooseDark(act, system().matches, false);
      applyTheme(act);
      act.emit("opened");
      act.listen(system(), "change", (event) => act.ui.following && chooseDark(act, event.matches, false));
      const held = (event) => { window.platonicHeld = { shift: event.shiftKey, alt: event.altKey, down: event.buttons > 0 }; };
      for (const type of ["pointerdown", "pointermove", "pointerup", "keydown", "keyup"]) act.listen(window, type, held, true);
      act.listen(document, "keydown", (event) => {
        if (event.key === "Escape" && act.data().stage && !act.ui.open) act.emit("stage", { value: false });
      });
    },
    changed(act) {
      const { dark, download } = act.data();
      if (typeof dark === "boolean" && dark !== act.ui.dark && !act.ui.following) act.ui.dark = dark;
      applyTheme(act);
      if (download && download.n !== act.ui.saved) saveFile(download);
      act.ui.saved = download?.n ?? act.ui.saved;
      act.draw();
    },
  });
}
