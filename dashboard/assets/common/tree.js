// A small tree of elements that is patched in place, so that a new `data` never takes focus, scroll, a drag or an
// open menu away. Text from files only ever becomes text nodes.
const SVG = "http://www.w3.org/2000/svg";
const SVG_TAGS = new Set(["svg", "rect", "path", "line", "g", "circle", "text", "title"]);
const AS_PROPERTY = new Set(["value", "checked", "disabled", "indeterminate"]);
const OURS = new Set(["key", "mount", "on"]);
const isText = (node) => typeof node !== "object";
const isNothing = (child) => child === null || child === undefined || typeof child === "boolean";

// A node. props : attributes, and `key` (which it is among its likes), `on` (what is heard), `mount` (called once
// with the new element), `style` (an object); children : nodes, text, lists of both; null, undefined and booleans
// are left out
export function h(tag, props, ...children) {
  const shown = children.flat(Infinity).filter((child) => !isNothing(child));
  return { tag, props: props || {}, children: shown };
}

function create(node) {
  if (isText(node)) return document.createTextNode(String(node));
  const made = SVG_TAGS.has(node.tag) ? document.createElementNS(SVG, node.tag) : document.createElement(node.tag);
  made._key = node.props.key ?? null;
  made._on = {};
  made._props = {};
  return made;
}

function fits(dom, node) {
  if (!dom) return false;
  if (isText(node)) return dom.nodeType === Node.TEXT_NODE;
  return dom.localName === node.tag && (dom._key ?? null) === (node.props.key ?? null);
}

// What is being typed, and a slider that is held, are the user's.
function setProperty(dom, name, value) {
  const focused = dom.getRootNode().activeElement === dom;
  if (name === "value" && focused && dom.type !== "range" && dom.localName === "input") return;
  if (name === "value" && dom._held) return;
  if (dom[name] !== value) dom[name] = value ?? (name === "value" ? "" : false);
}

function setStyle(dom, style) {
  for (const name of Object.keys(dom._props.style || {})) if (!(name in style)) dom.style.removeProperty(name);
  for (const [name, value] of Object.entries(style)) dom.style.setProperty(name, value);
}

function setProp(dom, name, value) {
  if (OURS.has(name)) return;
  if (name === "style") setStyle(dom, value || {});
  else if (AS_PROPERTY.has(name)) setProperty(dom, name, value);
  else if (dom._props[name] === value) return;
  else if (value === null || value === undefined || value === false) dom.removeAttribute(name);
  else dom.setAttribute(name, value === true ? "" : String(value));
}

// One listener a type for an element's life; what it calls is replaced.
function setListeners(dom, on) {
  for (const type of Object.keys(on)) {
    if (!(type in dom._on)) dom.addEventListener(type, (event) => dom._on[type]?.(event));
  }
  for (const type of Object.keys(dom._on)) if (!(type in on)) dom._on[type] = null;
  Object.assign(dom._on, on);
}

function setProps(dom, props) {
  for (const name of Object.keys(dom._props)) if (!(name in props)) dom.removeAttribute(name);
  for (const [name, value] of Object.entries(props)) setProp(dom, name, value);
  setListeners(dom, props.on || {});
  dom._props = props;
}

function patchText(dom, text) {
  if (dom.data !== text) dom.data = text;
}

function patchElement(dom, node, made) {
  if (node.tag !== "select") setProps(dom, node.props);
  patch(dom, node.children);
  if (node.tag === "select") setProps(dom, node.props); // its value needs its options
  if (made && node.props.mount) node.props.mount(dom);
}

function patchAt(parent, i, node) {
  const there = parent.childNodes[i];
  if (fits(there, node)) {
    if (isText(node)) patchText(there, String(node));
    else patchElement(there, node, false);
    return;
  }
  const keyed = !isText(node) && node.props.key !== undefined;
  const kept = keyed ? [...parent.childNodes].find((child) => fits(child, node)) : null;
  const dom = parent.insertBefore(kept || create(node), there || null);
  if (!isText(node)) patchElement(dom, node, !kept);
}

// Makes `nodes` the children of `parent`, with the elements that are there wherever they fit.
export function patch(parent, nodes) {
  nodes.forEach((node, i) => {
    patchAt(parent, i, node);
  });
  while (parent.childNodes.length > nodes.length) {
    const gone = parent.lastChild;
    gone.remove();
    gone._back?.focus?.();
  }
}
