const EDGE = 3; // px: frame of a map, border of its plot, and the one between them

// Which keys and buttons are held is asked when a map is clicked, which does not tell.
export function watchHeld(act) {
  const held = (event) => {
    window.platonicHeld = { shift: event.shiftKey, alt: event.altKey, down: event.buttons > 0 };
  };
  const types = ["pointerdown", "pointermove", "pointerup", "keydown", "keyup"];
  for (const type of types) act.listen(window, type, held, true);
}

export function onEdge({ clientX, clientY }, { left, right, top, bottom }) {
  return Math.min(clientX - left, right - clientX, clientY - top, bottom - clientY) < EDGE;
}

// Bokeh fails at every step of a lasso that begins beside the plot.
export function keepOffEdges(act) {
  const down = (event) => {
    const map = event.composedPath().find((each) => each.classList?.contains("pa-map"));
    if (map && onEdge(event, map.getBoundingClientRect())) event.stopPropagation();
  };
  act.listen(window, "pointerdown", down, true);
}
