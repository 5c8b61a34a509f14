// One pair: both copies side by side, and the pages below it.

import { get, patiently } from "./api.js";
import { ago, chip, el, fill, icon, refill, shown as readable, table } from "./dom.js";
import { clock, half } from "./grid.js";
import { labPart } from "./lab.js";
import { planPart } from "./plan.js";
import { timelinePart } from "./timeline.js";
import { wantedPart } from "./wanted.js";

const PARTS = { copies: "Copies", timeline: "Timeline", audit: "Audit", wanted: "Plan of the file", plan: "Plan preview", lab: "Lab" };

export function pairView(content, number, [part = "copies", ...rest], { lab, file, failed }) {
  document.title = `dhcpfo: pair ${number}`;
  const base = `#/pair/${number}`;
  const title = el("h1", {}, "…");
  const servers = el("div", { class: "servers" });
  const body = el("section", { "aria-live": "off" });
  const parts = Object.entries(PARTS).filter(([name]) => (name !== "lab" || lab) && (name !== "wanted" || file));
  const current = part === "scope" ? "copies" : part;
  fill(
    content,
    el("p", {}, el("a", { href: "#/" }, "← All pairs")),
    title,
    servers,
    el(
      "nav",
      { "aria-label": "Parts of the pair" },
      parts.map(([name, text]) =>
        el("a", { href: `${base}/${name}`, "aria-current": name === current ? "page" : null }, text),
      ),
    ),
    body,
  );
  let open = true;
  let shown = "";
  const context = { number, base, wanted: () => open, failed };
  const makers = {
    copies: copiesPart,
    scope: () => scopePart(body, context, rest[0] ?? ""),
    timeline: timelinePart,
    audit: auditPart,
    wanted: wantedPart,
    plan: planPart,
    lab: labPart,
  };
  const shownPart = (makers[part] ?? copiesPart)(body, context);

  function header(data) {
    document.title = `dhcpfo: ${readable(data.name)}`;
    fill(title, data.name);
    refill(
      servers,
      data.servers.map((server) =>
        el(
          "div",
          { class: "serverbox" },
          el("b", {}, server.name),
          server.error ? chip("unknown", `unreachable (${server.error.code ?? "?"})`) : null,
          el("span", { class: "quiet age" }),
          server.error && el("p", { class: "error" }, server.error.text),
        ),
      ),
    );
  }

  return {
    close() {
      open = false;
    },
    async refresh() {
      const data = await get(`pairs/${number}`);
      if (!open) return;
      const now = data.time;
      clock(data.lab);
      const signature = JSON.stringify([data.name, data.servers.map(({ name, error }) => [name, error])]);
      if (signature !== shown) {
        shown = signature;
        header(data);
      }
      servers.querySelectorAll(".age").forEach((line, index) => {
        const server = data.servers[index];
        const read = server.read === null ? "not read yet" : `read ${ago(now - server.read)}`;
        line.textContent = server.silent ? `${read}, no answer for ${server.silent} s` : read;
      });
      await shownPart.refresh?.(data);
    },
  };
}

// The name of a server as the heading of a column; it may begin with a full stop.
function named(name) {
  return name.startsWith(".") ? `\u00a0${name}` : name;
}

// Two columns of values with a mark where they differ.
function beside(caption, names, rows) {
  const lines = rows.map((row) =>
    el(
      "tr",
      { class: row.differs ? "differs" : null },
      el("th", { scope: "row" }, row.label, row.differs && el("span", { class: "mark", title: "differs" }, icon("differs"), el("span", { class: "hidden" }, "differs"))),
      row.values.map((value) => el("td", {}, value ?? el("span", { class: "quiet" }, "—"))),
    ),
  );
  return [el("p", { class: "quiet" }, caption), table("beside", caption, [".Value", ...names.map(named)], lines)];
}

function copiesPart(body, { base }) {
  let shown = "";
  return {
    refresh(data) {
      const signature = JSON.stringify([data.relationships, data.servers.map((server) => server.error)]);
      if (signature === shown) return;
      shown = signature;
      const names = data.servers.map((server) => server.name);
      refill(
        body,
        data.relationships.length === 0 && el("p", {}, "No relationship was read."),
        data.relationships.map((entry) => [
          el("h2", {}, entry.name),
          el(
            "div",
            { class: "halves" },
            data.servers.map((server, index) =>
              el("div", {}, el("span", { class: "server" }, server.name), half(entry.copies[index], server, entry.missing[index])),
            ),
          ),
          beside(
            entry.differs.length ? `The two copies differ: ${entry.differs.join(", ")}` : "Both copies, side by side",
            names,
            entry.rows,
          ),
          scopesOf(entry, names, base),
        ]),
      );
    },
  };
}

function scopesOf(entry, names, base) {
  if (!entry.scopes.length) return null;
  const apart = entry.scopes.filter((scope) => scope.differs).length;
  return el(
    "details",
    { open: entry.scopes.length <= 12 || apart > 0 },
    el("summary", {}, `${entry.scopes.length} scopes`, apart > 0 && `, ${apart} on one server only`),
    el(
      "ul",
      { class: "scopes" },
      entry.scopes.map((scope) => {
        const only = scope.differs ? ` only on ${scope.members[0] ? names[0] : names[1]}` : "";
        return el("li", {}, el("a", { href: `${base}/scope/${scope.scope}` }, scope.scope), only && chip("differs", only));
      }),
    ),
  );
}

function scopePart(body, { number, base, wanted, failed }, scope) {
  fill(body, el("h2", {}, `Scope ${scope}`), el("p", { role: "status" }, "Reading both servers…"));
  patiently(`pairs/${number}/scopes/${encodeURIComponent(scope)}`, wanted)
    .then(async (found) => {
      if (!found || !wanted()) return;
      const names = (await get(`pairs/${number}`)).servers.map((server) => server.name);
      const missing = names.filter((_, index) => !found.exists[index]);
      fill(
        body,
        el("h2", {}, `Scope ${scope}`),
        missing.length > 0 && el("p", {}, chip("critical", `not on ${missing.join(" and ")}`)),
        found.changes.length > 0
          ? [el("p", {}, chip("differs", `${found.changes.length} ${found.changes.length === 1 ? "difference" : "differences"}`), ` from ${names[0]} to ${names[1]}:`), el("ul", { class: "changes" }, found.changes.map((change) => el("li", {}, change)))]
          : missing.length === 0 && el("p", {}, chip("ok", "both servers have the same")),
        found.rows && split(names, found.rows),
        !found.rows && el("p", {}, "The configuration is too long to be shown side by side."),
        el("p", {}, el("a", { href: `${base}/copies` }, "← Copies")),
      );
    })
    .catch((error) => {
      if (!wanted()) return;
      fill(body, el("h2", {}, `Scope ${scope}`), el("p", { class: "error", role: "alert" }, error.message));
      if (error.status === 401 || error.status === 403) failed(error);
    });
  return {};
}

function split(names, rows) {
  const lines = rows.map((row) =>
    el(
      "tr",
      { class: row.differs ? "differs" : null },
      el("td", { class: row.values[0] === null ? "nothing" : null }, row.values[0] ?? ""),
      el("td", { class: "mark" }, row.differs && "≠"),
      el("td", { class: row.values[1] === null ? "nothing" : null }, row.values[1] ?? ""),
    ),
  );
  const [one, other] = names.map(named);
  return table("split", "The configuration on both servers", [one, ".Differs", other], lines);
}

const AUDITS = [
  ["relationships", "Relationships", "two calls to each server"],
  ["scopes", "With scopes", "one more call for each scope"],
  ["full", "Everything", "eight calls for each scope"],
];

function auditPart(body, { number, wanted, failed }) {
  const result = el("div", { role: "status" });
  async function run(depth) {
    fill(result, el("p", {}, "Reading both servers…"));
    try {
      const found = await patiently(`pairs/${number}/audit?depth=${depth}`, wanted);
      if (!found || !wanted()) return;
      const names = (await get(`pairs/${number}`)).servers.map((server) => server.name);
      fill(result, found.findings.length ? findings(names, found.findings) : el("p", {}, chip("ok", "nothing found")));
    } catch (error) {
      fill(result, el("p", { class: "error" }, error.message));
      if (error.status === 401 || error.status === 403) failed(error);
    }
  }
  fill(
    body,
    el("h2", {}, "Compare both servers"),
    el(
      "div",
      { class: "tools" },
      AUDITS.map(([depth, text, cost]) => el("button", { id: `audit-${depth}`, onclick: () => run(depth), title: cost }, text)),
    ),
    result,
  );
  run("relationships");
  return {};
}

const KIND = { critical: "critical", error: "critical", unknown: "unknown", warning: "warning", note: "ok" };

function findings(names, found) {
  const lines = found.map((finding) =>
    el(
      "tr",
      {},
      el("td", {}, chip(KIND[finding.severity] ?? "unknown", finding.code)),
      el("td", {}, finding.about),
      finding.values.map((value) => el("td", {}, value ?? "")),
      el("td", {}, finding.text, finding.repair && [finding.text && el("br"), el("code", {}, finding.repair)]),
    ),
  );
  return table("list", "Findings", ["Finding", "About", ...names.map(named), "What it means, and what mends it"], lines);
}
