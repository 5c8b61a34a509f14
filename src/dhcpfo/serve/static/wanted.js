// What would make the pairs as a file says: the plans of `dhcpfo plan`. The page can only show them.

import { get, patiently } from "./api.js";
import { chip, el, fill, refill, table } from "./dom.js";

const MOST_NAMES = 10;
const OUTCOMES = {
  reading: ["waiting", "being planned"],
  unchanged: ["ok", "unchanged"],
  drift: ["warning", "to be changed"],
  refused: ["critical", "refused"],
  failed: ["critical", "cannot be planned"],
  unknown: ["unknown", "unknown"],
};

function top(again, heading, data) {
  return [
    el(heading, {}, `Plan of ${data.file}`),
    el("p", { class: "quiet" }, "What would make both servers as the file says. Nothing is changed here: ", el("code", {}, `dhcpfo apply ${data.file}`), " does it."),
    el("p", {}, el("button", { type: "button", id: "again", onclick: again }, "Plan again")),
    data.problems.length > 0 && mistakes(data.problems),
    data.warnings.length > 0 && el("ul", {}, data.warnings.map((text) => el("li", {}, `warning: ${text}`))),
  ];
}

function absent(names) {
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : "";
  return `In the file, but not among the pairs when dhcpfo serve was started: ${names.slice(0, MOST_NAMES).join(", ")}${more}`;
}

function mistakes(problems) {
  return el(
    "div",
    { role: "alert", class: "mistakes" },
    el("p", {}, chip("critical", `${problems.length} ${problems.length === 1 ? "mistake" : "mistakes"} in the file`), " No server was asked. The page goes on when the file is mended."),
    el("ul", {}, problems.map((one) => el("li", {}, el("code", {}, one.place)))),
  );
}

// The plan of a pair: heading, changes, what is to be noted.
function planned(plan) {
  if (plan.error) {
    return [
      el("pre", { class: "error" }, plan.error.join("\n")),
      plan.hint && el("p", { class: "quiet" }, `try: ${plan.hint}`),
    ];
  }
  if (plan.outcome === "reading") return null;
  return [
    el("p", { class: "heading" }, plan.heading),
    plan.rows.length > 0 && table("list", "Changes", [".Mark", ".Number", "Server", "Change", ".Remark"], plan.rows.map(row)),
    plan.notes.length > 0 && el("ul", {}, plan.notes.map((text) => el("li", {}, text))),
  ];
}

function row([mark, number, server, text, remark]) {
  return el(
    "tr",
    { class: mark ? "final" : null },
    el("td", {}, mark && el("span", { title: "cannot be undone" }, mark, el("span", { class: "hidden" }, "cannot be undone"))),
    el("td", { class: "number" }, number),
    el("td", {}, server),
    el("td", {}, text),
    el("td", { class: remark.startsWith("--") ? "" : "quiet" }, remark),
  );
}

// The part of a pair's page.
export function wantedPart(body, { number, wanted, failed }) {
  const status = el("p", { role: "status" }, "Reading both servers…");
  const shown = el("div", { class: "wanted" });
  let known = "";
  let again = "?again=1";
  fill(body, shown, status);

  async function look() {
    const asked = again;
    again = "";
    if (asked) status.textContent = "Reading both servers…";
    const data = await patiently(`pairs/${number}/wanted${asked}`, wanted, `pairs/${number}/wanted`);
    if (!data || !wanted()) return;
    status.textContent = "";
    const signature = JSON.stringify(data);
    if (signature === known) return;
    known = signature;
    refill(
      shown,
      top(press, "h2", data),
      data.plan && planned(data.plan),
      !data.plan && data.problems.length === 0 && el("p", {}, "The file has no pair of this name."),
      data.plan?.digest && data.plan.rows.length > 0 && el("p", { class: "quiet digest" }, `digest ${data.plan.digest}`),
      data.left.length > 0 && el("ul", { class: "quiet" }, data.left.map((text) => el("li", {}, text))),
    );
  }
  function press() {
    again = "?again=1";
    look().catch(failed);
  }
  return { refresh: look };
}

// The page of all pairs.
export function wantedView(content, { failed }) {
  document.title = "dhcpfo: plan";
  const shown = el("div", { class: "wanted" });
  const status = el("p", { role: "status" });
  const calm = el("input", { id: "changes", type: "checkbox" });
  let open = true;
  let again = "again=1";
  let version = "";
  let last = null;
  fill(content, el("p", {}, el("a", { href: "#/" }, "← All pairs")), shown, status);
  calm.addEventListener("input", () => show(last));

  function show(data) {
    last = data;
    const reading = data.pairs.filter((plan) => plan.outcome === "reading").length;
    const pairs = calm.checked ? data.pairs.filter((plan) => plan.outcome !== "unchanged") : data.pairs;
    refill(
      shown,
      top(press, "h1", data),
      data.problems.length === 0 && el("p", {}, el("label", {}, calm, " only what is not unchanged")),
      data.total && el("p", { class: "total" }, data.total),
      pairs.map((plan) => pair(plan)),
      data.left.length > 0 && el("ul", { class: "quiet" }, data.left.map((text) => el("li", {}, text))),
      data.absent.length > 0 && el("p", { class: "quiet" }, absent(data.absent)),
    );
    status.textContent = reading ? `${reading} of ${data.pairs.length} still being planned…` : "";
  }
  async function look() {
    do {
      const asked = again;
      again = "";
      const data = await get(`wanted?${asked}&have=${version}`);
      if (!open) return;
      version = data.version;
      if (data.pairs) show(data);
      if (status.textContent) await new Promise((resolve) => setTimeout(resolve, 400));
    } while (open && status.textContent && !document.hidden);
  }
  function press() {
    again = "again=1";
    look().catch(failed);
  }
  return {
    close() {
      open = false;
    },
    refresh: look,
  };
}

function pair(plan) {
  const [kind, text] = OUTCOMES[plan.outcome] ?? OUTCOMES.failed;
  return el(
    "article",
    { class: `card ${kind}` },
    el("h2", {}, el("a", { href: `#/pair/${plan.number}/wanted`, id: `wanted-${plan.number}` }, plan.name), chip(kind, text)),
    plan.outcome !== "unchanged" && planned(plan),
    plan.rest > 0 && el("p", {}, el("a", { href: `#/pair/${plan.number}/wanted` }, `and ${plan.rest} more changes`)),
  );
}
