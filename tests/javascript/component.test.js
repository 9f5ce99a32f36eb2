import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { component } from "../../dashboard/assets/common/component.js";
import { dialog } from "../../dashboard/assets/common/controls.js";
import { menuButton, menuItem, panel } from "../../dashboard/assets/common/menus.js";
import { h } from "../../dashboard/assets/common/tree.js";
import { openPage, panelModel } from "./page.js";

let window;
let el;

beforeEach(() => {
  window = openPage();
  el = document.createElement("div");
  document.body.append(el);
});

const at = (test) => el.querySelector(`[data-test="${test}"]`);
const press = (key) =>
  document.activeElement.dispatchEvent(new window.KeyboardEvent("keydown", { key, bubbles: true }));

function menu(data, _ui, act) {
  const items = data.items.map((name) =>
    menuItem({ label: name, checked: name === data.chosen, test: name }, () => {}),
  );
  return [
    menuButton(act, { id: "menu", label: "Menu", test: "open" }),
    panel(act, "menu", { role: "menu", "data-test": "menu" }, items),
  ];
}

const openMenu = () => component(panelModel({ items: ["a", "b", "c"], chosen: "b" }), el, menu);

test("new data is drawn, and told to who asked", () => {
  const model = panelModel({ words: "one" });
  const told = [];
  component(model, el, (data) => h("p", {}, data.words), { changed: (act) => told.push(act.data().words) });
  model.change({ words: "two" });
  assert.equal(el.textContent, "two");
  assert.deepEqual(told, ["two"]);
});

test("the focus goes along with an element that moves", () => {
  const model = panelModel({ order: ["a", "b", "c"] });
  component(model, el, (data) => data.order.map((key) => h("button", { key, "data-test": key }, key)));
  at("c").focus();
  model.change({ order: ["c", "a", "b"] });
  assert.ok(document.activeElement === at("c"));
});

test("intents carry their kind and a counter that grows", () => {
  const model = panelModel();
  const act = component(model, el, () => []);
  act.emit("save", { format: "png" });
  act.emit("save", { format: "svg" });
  assert.deepEqual(
    model.sent.map(({ kind, format }) => [kind, format]),
    [
      ["save", "png"],
      ["save", "svg"],
    ],
  );
  assert.ok(model.sent[1].n > model.sent[0].n);
});

test("a menu opens at the chosen item and is walked by arrows, around its ends", () => {
  openMenu();
  at("open").click();
  assert.equal(document.activeElement, at("b"));
  for (const [key, reached] of [
    ["ArrowDown", "c"],
    ["ArrowDown", "a"],
    ["ArrowUp", "c"],
    ["Home", "a"],
    ["End", "c"],
  ]) {
    press(key);
    assert.equal(document.activeElement, at(reached), key);
  }
});

test("Escape closes a menu and gives the focus back", () => {
  openMenu();
  at("open").click();
  press("Escape");
  assert.equal(at("menu"), null);
  assert.equal(document.activeElement, at("open"));
});

test("a press outside closes a menu, one inside does not", () => {
  openMenu();
  at("open").click();
  const pressed = (target) => target.dispatchEvent(new window.Event("pointerdown", { bubbles: true, composed: true }));
  pressed(at("a"));
  assert.ok(at("menu"));
  pressed(document.body);
  assert.equal(at("menu"), null);
});

test("a component that goes listens to nothing more", () => {
  const model = panelModel();
  const act = component(model, el, () => []);
  const heard = [];
  act.listen(window, "resize", () => heard.push("resize"));
  model.remove();
  window.dispatchEvent(new window.Event("resize"));
  assert.deepEqual(heard, []);
});

test("a dialog closes on its button and on its backdrop, not on what it shows", () => {
  const closed = [];
  const close = () => closed.push("closed");
  component(panelModel(), el, () => dialog({ key: "d", open: true, title: "D", test: "d", close }, h("p", {}, "body")));
  at("d").querySelector("p").click();
  assert.equal(closed.length, 0);
  at("d").click();
  at("d-close").click();
  assert.equal(closed.length, 2);
});
