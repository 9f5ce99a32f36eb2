import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { h, patch } from "../../dashboard/assets/common/tree.js";
import { openPage } from "./page.js";

let window;
let root;

beforeEach(() => {
  window = openPage();
  root = document.createElement("div");
  document.body.append(root);
});

const draw = (...nodes) => patch(root, h("", {}, nodes).children);
const item = (key, ...children) => h("li", { key }, ...children);
const words = () => [...root.children].map((child) => child.textContent);

test("children are flat, without what is nothing", () => {
  draw(h("p", {}, ["a", [1, null]], undefined, false, true, 0));
  assert.equal(root.innerHTML, "<p>a10</p>");
});

test("text is never HTML", () => {
  const hostile = "<img src=x onerror=alert(1)>";
  draw(h("p", { title: hostile }, hostile));
  assert.equal(root.querySelector("img"), null);
  assert.equal(root.textContent, hostile);
  assert.equal(root.firstChild.getAttribute("title"), hostile);
});

test("the same tree again touches nothing", () => {
  const tree = () => [h("p", { class: "a", style: { color: "red" } }, "one"), "two"];
  draw(...tree());
  const before = [...root.childNodes];
  const changes = new window.MutationObserver(() => {});
  changes.observe(root, { subtree: true, childList: true, attributes: true, characterData: true });
  draw(...tree());
  assert.deepEqual([...root.childNodes], before);
  assert.deepEqual(
    changes.takeRecords().filter((record) => record.attributeName !== "style"),
    [],
  );
});

test("elements follow their keys through a new order", () => {
  draw(...["a", "b", "c"].map((key) => item(key, key)));
  const [a, b, c] = root.children;
  draw(...["c", "a", "d"].map((key) => item(key, key)));
  assert.deepEqual(words(), ["c", "a", "d"]);
  assert.equal(root.children[0], c);
  assert.equal(root.children[1], a);
  assert.ok(!root.contains(b));
});

test("an element of another tag, or key, is another element", () => {
  draw(h("p", {}, "one"));
  const before = root.firstChild;
  draw(h("b", {}, "one"));
  assert.notEqual(root.firstChild, before);
  const bold = root.firstChild;
  draw(h("b", { key: "k" }, "one"));
  assert.notEqual(root.firstChild, bold);
});

test("text becomes an element and the other way round", () => {
  draw("one", h("b", {}, "two"));
  draw(h("b", {}, "one"), "two");
  assert.equal(root.innerHTML, "<b>one</b>two");
});

test("attributes come, change and go", () => {
  draw(h("p", { title: "a", hidden: true, "aria-label": "x" }));
  assert.equal(root.innerHTML, '<p title="a" hidden="" aria-label="x"></p>');
  draw(h("p", { title: "b", hidden: false, "aria-label": null }));
  assert.equal(root.innerHTML, '<p title="b"></p>');
  draw(h("p", {}));
  assert.equal(root.innerHTML, "<p></p>");
});

test("styles come, change and go, custom properties too", () => {
  draw(h("p", { style: { color: "red", "--fill": "#123456" } }));
  draw(h("p", { style: { color: "blue" } }));
  const { style } = root.firstChild;
  assert.equal(style.getPropertyValue("color"), "blue");
  assert.equal(style.getPropertyValue("--fill"), "");
});

test("drawings are of the SVG namespace", () => {
  draw(h("svg", { viewBox: "0 0 1 1" }, h("circle", { r: 1 })));
  assert.equal(root.querySelector("circle").namespaceURI, "http://www.w3.org/2000/svg");
});

test("the focus stays where it was while what is around it changes", () => {
  draw(item("a", "a"), h("input", { key: "field" }), item("b", "b"));
  root.querySelector("input").focus();
  draw(item("a", "changed"), h("input", { key: "field", class: "late" }), h("p", {}, "new"));
  assert.ok(document.activeElement === root.querySelector("input.late"));
});

test("what is being typed is not written over, and is once the field is left", () => {
  const field = (value) => h("input", { type: "text", value });
  draw(field("server"));
  const input = root.firstChild;
  input.focus();
  input.value = "typed";
  draw(field("again"));
  assert.equal(input.value, "typed");
  input.blur();
  draw(field("again"));
  assert.equal(input.value, "again");
});

test("a slider that is held stays, one that only has the focus moves", () => {
  const slider = (value) => h("input", { type: "range", min: 0, max: 10, value });
  draw(slider("3"));
  const input = root.firstChild;
  input.focus();
  draw(slider("4"));
  assert.equal(input.value, "4");
  input._held = true;
  draw(slider("5"));
  assert.equal(input.value, "4");
});

test("a checkbox follows the data, not the attribute it began with", () => {
  draw(h("input", { type: "checkbox", checked: true }));
  const input = root.firstChild;
  input.checked = false; // by hand, while the server refuses
  draw(h("input", { type: "checkbox", checked: true }));
  assert.equal(input.checked, true);
});

test("a select gets its value after its options", () => {
  const select = (value, ...names) =>
    h(
      "select",
      { value },
      names.map((name) => h("option", { key: name, value: name }, name)),
    );
  draw(select("b", "a", "b"));
  assert.equal(root.firstChild.value, "b");
  draw(select("c", "b", "c"));
  assert.equal(root.firstChild.value, "c");
});

test("one listener a type: the newest is called, a removed one is not", () => {
  const heard = [];
  const press = (on) => {
    draw(h("button", { on }));
    root.firstChild.click();
  };
  press({ click: () => heard.push("first") });
  press({ click: () => heard.push("second") });
  press({});
  press({ click: () => heard.push("back") });
  assert.deepEqual(heard, ["first", "second", "back"]);
});

test("mount is called once, with an element that has its children", () => {
  const mounted = [];
  const tree = (text) => h("p", { key: "p", mount: (dom) => mounted.push(dom.textContent) }, text);
  draw(tree("one"));
  draw(tree("two"));
  draw(item("before"), tree("three"));
  assert.deepEqual(mounted, ["one"]);
});

test("the focus goes back to where a dialog was opened from", () => {
  draw(h("button", { key: "opener" }), h("dialog", { key: "dialog" }));
  root.lastChild._back = root.firstChild;
  draw(h("button", { key: "opener" }));
  assert.equal(document.activeElement, root.firstChild);
});
