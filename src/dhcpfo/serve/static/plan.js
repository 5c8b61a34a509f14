// What an operation would change. The page can only show a plan; it cannot carry one out.

import { patiently } from "./api.js";
import { chip, el, fill, table } from "./dom.js";

const MODES = [["", "as it is"], ["LOAD_BALANCE", "load balance"], ["HOT_STANDBY", "hot standby"]];

export function planPart(body, { number, wanted, failed }) {
  const result = el("div", { role: "status", id: "plan" });
  const form = el("form", { class: "plan" });
  let known = null;

  const text = (name, label, hint = "") =>
    el("label", {}, el("span", {}, label), el("input", { name, id: `plan-${name}`, placeholder: hint, autocomplete: "off" }));
  const choice = (name, label, options) =>
    el(
      "label",
      {},
      el("span", {}, label),
      el("select", { name, id: `plan-${name}` }, options.map(([value, shown]) => el("option", { value }, shown))),
    );
  const relationship = () => choice("name", "Relationship", known.relationships.map(({ name }) => [name, name]));
  const servers = (label) => choice("server", label, [["primary", known.servers[0].name], ["secondary", known.servers[1].name]]);
  const values = () => [
    choice("mode", "Mode", MODES),
    text("percentage", "Percentage", "of the primary, or the reserve"),
    text("mclt", "MCLT, minutes"),
    text("switch", "Switch interval, minutes", "or never"),
  ];
  const existing = () =>
    choice("on_existing", "Scopes on the secondary", [["refuse", "refuse"], ["complete", "complete"], ["overwrite", "overwrite"]]);
  const OPERATIONS = {
    update: ["Change values", () => [relationship(), ...values()]],
    replicate: [
      "Replicate scopes",
      () => [
        servers("From"),
        choice("name", "Relationship", [["", "all"], ...known.relationships.map(({ name }) => [name, name])]),
        text("scopes", "Scopes", "all"),
        choice("delete", "What only the target has", [["", "leave alone"], ["all", "delete"]]),
      ],
    ],
    create: ["Create a relationship", () => [text("name", "Name"), text("scopes", "Scopes", "10.0.1.0, 10.0.2.0"), ...values(), existing()]],
    add_scopes: ["Add scopes", () => [relationship(), text("scopes", "Scopes"), existing()]],
    adopt: ["Adopt a half", () => [relationship(), servers("The right one")]],
    reallocate: ["Redistribute addresses", () => [relationship()]],
  };
  const operation = el(
    "select",
    { name: "operation", id: "plan-operation" },
    Object.entries(OPERATIONS).map(([value, [shown]]) => el("option", { value }, shown)),
  );
  const fields = el("div", { class: "fields" });
  const arrange = () => {
    fill(fields, OPERATIONS[operation.value][1]());
    fill(result);
  };
  operation.addEventListener("change", arrange);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const given = [...new FormData(form)].filter(([, value]) => value !== "");
    fill(result, el("p", {}, "Reading both servers…"));
    try {
      const plan = await patiently(`pairs/${number}/plan?${new URLSearchParams(given)}`, wanted);
      if (plan && wanted()) fill(result, shown(plan));
    } catch (error) {
      fill(result, el("p", { class: "error" }, error.message));
      if (error.status === 401 || error.status === 403) failed(error);
    }
  });
  fill(form, el("label", {}, el("span", {}, "Operation"), operation), fields, el("button", { type: "submit" }, "Show the plan"));
  fill(body, el("h2", {}, "What would change"), el("p", { class: "quiet" }, "Both servers are read, and nothing is changed."), form, result);
  return {
    refresh(data) {
      const first = known === null;
      known = data;
      if (first) arrange();
    },
  };
}

function shown(plan) {
  const count = plan.steps.length;
  return [
    el("h3", {}, count === 0 ? "Nothing to change" : `${count} ${count === 1 ? "change" : "changes"}`),
    count > 0 &&
      table(
        "list",
        "Changes",
        [".Number", "Server", "Change", "If a later step fails"],
        plan.steps.map((step, index) =>
          el(
            "tr",
            {},
            el("td", { class: "number" }, index + 1),
            el("td", {}, step.server),
            el("td", {}, step.text, step.guard && chip("warning", `needs allow: ${step.guard}`)),
            el("td", { class: "quiet" }, step.undo.replaceAll("-", " ")),
          ),
        ),
      ),
    plan.notes.length > 0 && el("ul", {}, plan.notes.map((note) => el("li", {}, note.text, note.guard && chip("warning", `needs allow: ${note.guard}`)))),
    count > 0 && [el("p", {}, "In Python:"), el("pre", {}, plan.python), el("p", { class: "quiet digest" }, `digest ${plan.digest}`)],
  ];
}
