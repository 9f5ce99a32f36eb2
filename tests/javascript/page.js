// A page without a browser, for modules that ask for one by its global names.
import { Window } from "happy-dom";

const NAMES = ["document", "Node", "CSS", "MutationObserver", "ResizeObserver", "getComputedStyle", "matchMedia"];

// Of the Popover and Dialog API, which happy-dom lacks in part, just that something is open
function completed(window) {
  const { HTMLElement, HTMLDialogElement } = window;
  const matches = HTMLElement.prototype.matches;
  HTMLElement.prototype.matches = function (selector) {
    return selector === ":popover-open" ? Boolean(this._open) : matches.call(this, selector);
  };
  HTMLElement.prototype.showPopover = function () {
    this._open = true;
  };
  HTMLDialogElement.prototype.showModal = function () {
    this.setAttribute("open", "");
  };
  return window;
}

// An empty page, whose names are global from here on
export function openPage() {
  const window = completed(new Window({ url: "http://localhost/", width: 1440, height: 900 }));
  for (const name of NAMES) globalThis[name] = window[name];
  globalThis.window = window;
  globalThis.innerHeight = window.innerHeight;
  return window;
}

// A model as Panel gives it to a component: data, what is sent, and a way to change the data
export function panelModel(data = {}) {
  const heard = {};
  const sent = [];
  return {
    data,
    sent,
    on: (name, call) => {
      heard[name] = call;
    },
    send_msg: (message) => sent.push(message),
    change(values) {
      this.data = values;
      heard.data();
    },
    remove: () => heard.remove(),
  };
}
