// The address of the page is its view. A view that is left can be gone back to; changes without a rest between them, as
// those of a slider that is dragged, are one step.
const REST = 700; // ms

export function followHistory(act) {
  act.ui.step = -REST;
  act.listen(window, "popstate", () => went(act));
  takeAddress(act);
}

// The server is told where back and forward led; the address stays.
function went(act) {
  if (location.search === act.data().link) return;
  act.ui.went = true;
  act.emit("went", { value: location.search, dark: matchMedia("(prefers-color-scheme: dark)").matches });
}

// Puts the view into the address.
export function takeAddress(act) {
  const { link } = act.data();
  const now = performance.now();
  if (!link || link === location.search) {
    act.ui.went = false;
    return;
  }
  const same = !location.search || act.ui.went || now - act.ui.step < REST;
  if (same) history.replaceState(null, "", link);
  else history.pushState(null, "", link);
  act.ui.went = false;
  act.ui.step = now;
}
