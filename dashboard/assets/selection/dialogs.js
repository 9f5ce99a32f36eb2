// Opening and closing is told to the server, which computes what a dialog shows only while it is open.
export function closes(name, act) {
  return () => {
    if (!act.ui[name]) return;
    act.emit(name, { open: false });
    act.change({ [name]: false });
  };
}

export function opens(name, act) {
  return () => {
    act.emit(name, { open: true });
    act.change({ [name]: true });
  };
}

// Shows an atom on the page, in place of the dialog.
export function picks(site, act, close) {
  return () => {
    act.emit("row", { site });
    close();
  };
}
