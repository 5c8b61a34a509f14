// Elements. Text becomes a text node, never markup: names come from servers and may hold anything.

const HIDDEN = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;
const READ = new Set(["title", "aria-label", "placeholder"]);

// Text with letters that cannot be seen, or that turn the direction of others, written as their numbers.
export function shown(text) {
  return String(text).replace(HIDDEN, (letter) => `\\u{${letter.codePointAt(0).toString(16)}}`);
}

export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, READ.has(name) ? shown(value) : String(value));
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(shown(child)));
  }
}

export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

// Replace what an element shows, and keep the keyboard where it was.
export function refill(element, ...children) {
  const focused = element.contains(document.activeElement) ? document.activeElement.id : "";
  fill(element, ...children);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

// A table with a name for screen readers. A heading that begins with "." is for them alone.
export function table(kind, label, heads, rows) {
  return el(
    "div",
    { class: "scroll" },
    el(
      "table",
      { class: kind, "aria-label": label },
      el(
        "thead",
        {},
        el("tr", {}, heads.map((text) => el("th", { scope: "col" }, text.startsWith(".") ? el("span", { class: "hidden" }, text.slice(1)) : text))),
      ),
      el("tbody", {}, rows),
    ),
  );
}

const SHAPES = {
  ok: [["circle", { cx: 8, cy: 8, r: 6 }]],
  warning: [["path", { d: "M8 1.5 15 14.5H1z" }]],
  critical: [["path", { d: "M8 .5 15.5 8 8 15.5.5 8z" }]],
  busy: [["path", { d: "M8 2a6 6 0 0 0 0 12z" }], ["circle", { cx: 8, cy: 8, r: 6, class: "outline" }]],
  unknown: [["path", { d: "M3 3l10 10M13 3 3 13", class: "outline" }]],
  waiting: [["circle", { cx: 3, cy: 8, r: 1.7 }], ["circle", { cx: 8, cy: 8, r: 1.7 }], ["circle", { cx: 13, cy: 8, r: 1.7 }]],
  differs: [["path", { d: "M2 5.5h12M2 10.5h12M11 2 5 14", class: "outline" }]],
};

// A shape for each kind of state, so that colour is never the only sign.
export function icon(kind) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  for (const [tag, attributes] of SHAPES[kind] ?? SHAPES.unknown) {
    const shape = document.createElementNS(space, tag);
    for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, value);
    svg.append(shape);
  }
  return svg;
}

export function chip(kind, text) {
  return el("span", { class: `chip ${kind}` }, icon(kind), el("span", {}, text));
}

export function stateText(name) {
  return name.toLowerCase().replaceAll("_", " ");
}

export function ago(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 90) return `${whole} s ago`;
  if (whole < 5400) return `${Math.round(whole / 60)} min ago`;
  return `${Math.round(whole / 3600)} h ago`;
}

export function timeText(iso) {
  return iso.slice(0, 19).replace("T", " ");
}
