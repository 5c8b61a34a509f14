// All pairs at a glance.

import { get } from "./api.js";
import { ago, chip, el, fill, shown, stateText, timeText } from "./dom.js";

const WORDS = {
  critical: "critical",
  warning: "needs attention",
  unknown: "not readable",
  busy: "recovering",
  ok: "fine",
  waiting: "being read",
};
const ORDER = Object.keys(WORDS);
const kept = { filter: "", attention: false, worst: false }; // survive a visit to a pair

export function half(copy, server, missing) {
  if (copy) return chip(server.error ? "unknown" : copy.kind, stateText(copy.state));
  if (server.error) return chip("unknown", server.error.code ? `unreachable (${server.error.code})` : "unreachable");
  return missing ? chip("critical", "has no copy") : chip("waiting", "being read");
}

function relationship(entry, row) {
  const copy = entry.copies[0] ?? entry.copies[1];
  return el(
    "div",
    { class: "relationship" },
    el("div", { class: "relname" }, el("b", {}, entry.name), el("span", { class: "quiet" }, ` ${copy.mode} ${copy.share}`)),
    el(
      "div",
      { class: "halves" },
      row.servers.map((server, index) =>
        el("div", {}, el("span", { class: "server" }, server.name), half(entry.copies[index], server, entry.missing[index])),
      ),
    ),
    entry.differs.length > 0 && el("p", { class: "differs" }, chip("differs", `differs: ${entry.differs.join(", ")}`)),
  );
}

function card(row) {
  const empty = row.relationships.length === 0;
  return el(
    "article",
    { class: `card ${row.severity}` },
    el(
      "h2",
      {},
      el("a", { href: `#/pair/${row.number}`, id: `pair-${row.number}` }, row.name),
      chip(row.severity, WORDS[row.severity]),
    ),
    row.relationships.map((entry) => relationship(entry, row)),
    empty &&
      el(
        "div",
        { class: "halves" },
        row.servers.map((server) =>
          el("div", {}, el("span", { class: "server" }, server.name), server.read && !server.error ? "no relationship" : half(null, server, false)),
        ),
      ),
    row.servers.filter((server) => server.error).map((server) => el("p", { class: "error" }, `${server.name}: ${server.error.text}`)),
    el("p", { class: "ages quiet" }),
  );
}

function ages(row, now) {
  const texts = [];
  for (const server of row.servers) {
    const read = server.read === null ? "" : `, read ${ago(now - server.read)}`;
    if (server.silent) texts.push(`${server.name} does not answer for ${server.silent} s${read}`);
    else if (server.read !== null && now - server.read > 20) texts.push(`${server.name}${read}`);
  }
  return texts.join("; ");
}

function searched(row) {
  const names = [row.name, ...row.servers.map((server) => server.name), ...row.relationships.map((entry) => entry.name)];
  return names.join("\n").toLowerCase();
}

export function gridView(content, { file }) {
  document.title = "dhcpfo: all pairs";
  const cards = new Map(); // number -> {signature, element, row}
  const summary = el("p", { id: "summary", role: "status" });
  const filter = el("input", { id: "filter", type: "search", placeholder: "Filter by name  ( / )", "aria-label": "Filter by name" });
  const attention = el("input", { id: "attention", type: "checkbox" });
  const worst = el("input", { id: "worst", type: "checkbox" });
  const grid = el("div", { class: "grid" });
  filter.value = kept.filter;
  attention.checked = kept.attention;
  worst.checked = kept.worst;
  fill(
    content,
    el("h1", {}, "Pairs"),
    file && el("p", {}, el("a", { href: "#/plan", id: "to-plan" }, `Plan of ${file}`)),
    el(
      "div",
      { class: "tools" },
      filter,
      el("label", {}, attention, " only what needs attention"),
      el("label", {}, worst, " worst first"),
      summary,
    ),
    grid,
  );

  function arrange() {
    Object.assign(kept, { filter: filter.value, attention: attention.checked, worst: worst.checked });
    const wanted = filter.value.trim().toLowerCase();
    const sorted = [...cards.values()].sort((one, other) =>
      worst.checked
        ? ORDER.indexOf(one.row.severity) - ORDER.indexOf(other.row.severity) || one.row.number - other.row.number
        : one.row.number - other.row.number,
    );
    let before = null;
    for (const entry of sorted) {
      const calm = ["ok", "waiting"].includes(entry.row.severity);
      entry.element.hidden = (attention.checked && calm) || (wanted !== "" && !searched(entry.row).includes(wanted));
      const next = before ? before.nextSibling : grid.firstChild;
      if (next !== entry.element) grid.insertBefore(entry.element, next);
      before = entry.element;
    }
  }

  for (const control of [filter, attention, worst]) control.addEventListener("input", arrange);

  function update(data) {
    for (const row of data.pairs) {
      const signature = JSON.stringify({ ...row, servers: row.servers.map(({ name, error, read }) => [name, error, read === null]) });
      const known = cards.get(row.number);
      if (known && known.signature === signature) known.row = row;
      else {
        const element = card(row);
        const focused = known && known.element.contains(document.activeElement);
        if (known) known.element.replaceWith(element);
        if (focused) element.querySelector("a").focus({ preventScroll: true });
        cards.set(row.number, { signature, element, row });
      }
      const line = cards.get(row.number).element.querySelector(".ages");
      const text = shown(ages(row, data.time));
      if (line.textContent !== text) line.textContent = text;
    }
    arrange();
    const counts = ORDER.map((kind) => [kind, data.pairs.filter((row) => row.severity === kind).length]);
    const words = { ...WORDS, warning: "in need of attention" };
    const said = counts.filter(([, count]) => count).map(([kind, count]) => `${count} ${words[kind]}`);
    const text = `${data.pairs.length} ${data.pairs.length === 1 ? "pair" : "pairs"}: ${said.join(", ") || "none"}`;
    if (summary.textContent !== text) summary.textContent = text;
    clock(data.lab);
  }

  return {
    async refresh() {
      update(await get("fleet"));
    },
  };
}

export function clock(lab) {
  document.getElementById("clock").textContent = lab ? `lab time ${timeText(lab.now)}` : "";
}
