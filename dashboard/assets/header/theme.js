const system = () => matchMedia("(prefers-color-scheme: dark)");

export function isDark(data, ui) {
  return ui.dark ?? data.dark ?? system().matches;
}

export function applyTheme(act) {
  const { dataset } = document.documentElement;
  const data = act.data();
  dataset.theme = isDark(data, act.ui) ? "dark" : "light";
  dataset.stage = String(Boolean(data.stage));
  dataset.page = data.page || "atlas";
  dataset.main = data.main || ""; // the page whose own part stands in the place of the maps
}

// chosen : by the user, else by the system, which is followed until then
export function chooseDark(act, value, chosen) {
  act.ui.dark = value;
  if (chosen) act.ui.following = false;
  applyTheme(act);
  act.draw();
  act.emit("dark", { value, chosen });
}

export function followSystem(act) {
  const { dark } = act.data();
  act.ui.following = dark === null || dark === undefined;
  if (act.ui.following) chooseDark(act, system().matches, false);
  applyTheme(act);
  act.listen(system(), "change", (event) => act.ui.following && chooseDark(act, event.matches, false));
}

// The server's choice counts unless the system is followed.
export function takeTheme(act) {
  const { dark } = act.data();
  if (typeof dark === "boolean" && !act.ui.following) act.ui.dark = dark;
  applyTheme(act);
}
