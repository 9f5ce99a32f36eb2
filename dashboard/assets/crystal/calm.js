// The widget's viewer paints at every change of a setting, a dozen times for one crystal, and throws its shaders away
// with the last atom: here it paints once a frame, and what was compiled is kept for the next crystal.
export function calm({ tjs }) {
  const { renderer } = tjs.renderers.MainRenderer;
  const paint = tjs.render.bind(tjs);
  const kept = new WeakSet();
  let due = false;
  const now = () => {
    due = false;
    paint();
    for (const program of renderer.info.programs) keep(program, kept);
  };
  tjs.render = () => {
    if (!due) requestAnimationFrame(now);
    due = true;
  };
}

// A program goes when nothing uses it: here we do, once.
function keep(program, kept) {
  if (kept.has(program)) return;
  kept.add(program);
  program.usedTimes += 1;
}

// The viewer that `render` makes. The widget hands it out in `window.editor` as soon as it is made, before it is set
// up.
export function calmed(render) {
  const made = (viewer) => {
    delete window.editor;
    window.editor = viewer;
    calm(viewer);
  };
  Object.defineProperty(window, "editor", { configurable: true, set: made });
  render();
  return window.editor;
}
