import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { component } from "../../dashboard/assets/common/component.js";
import { followHistory, takeAddress } from "../../dashboard/assets/header/history.js";
import { openPage, panelModel } from "./page.js";

let model;
let written;
let clock;

// What the browser's history is told; the clock is ours.
function open(link, search = "") {
  written = [];
  clock = 10_000;
  globalThis.performance.now = () => clock;
  globalThis.location = { search };
  globalThis.matchMedia = () => ({ matches: true });
  const write = (how) => (_state, _title, query) => {
    written.push([how, query]);
    location.search = query;
  };
  globalThis.history = { pushState: write("push"), replaceState: write("replace") };
  model = panelModel({ link });
  component(model, document.body, () => [], { started: followHistory, changed: takeAddress });
}

function change(link, after) {
  clock += after;
  model.change({ link });
}

beforeEach(() => openPage());

test("the first view is no step", () => {
  open("?a");
  assert.deepEqual(written, [["replace", "?a"]]);
});

test("a link that was opened stays as it is until the view changes", () => {
  open("?a", "?a");
  assert.deepEqual(written, []);
});

test("a change is a step, and what follows without a rest belongs to it", () => {
  open("?a", "?a");
  change("?b", 2000);
  change("?c", 100);
  change("?d", 100);
  change("?d", 2000);
  change("?e", 2000);
  assert.deepEqual(written, [
    ["push", "?b"],
    ["replace", "?c"],
    ["replace", "?d"],
    ["push", "?e"],
  ]);
});

test("the server hears where back led, and what it answers is that step", () => {
  open("?a", "?a");
  change("?b", 2000);
  location.search = "?a";
  window.dispatchEvent(new window.Event("popstate"));
  assert.deepEqual(
    model.sent.map(({ kind, value, dark }) => [kind, value, dark]),
    [["went", "?a", true]],
  );
  change("?a&c", 2000);
  change("?d", 2000);
  assert.deepEqual(written.slice(1), [
    ["replace", "?a&c"],
    ["push", "?d"],
  ]);
});

test("a step to the address of the view that is shown asks for nothing", () => {
  open("?a", "?a");
  window.dispatchEvent(new window.Event("popstate"));
  assert.deepEqual(model.sent, []);
});
