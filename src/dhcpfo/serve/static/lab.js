// The buttons of a lab. Each shows the Python and the PowerShell that do the same.

import { get, post } from "./api.js";
import { el, fill, refill } from "./dom.js";
import { clock } from "./grid.js";

export function labPart(body, { number, wanted, failed }) {
  const explain = el("div", {});
  const said = el("div", { role: "status", class: "said" });
  const buttons = el("div", {});
  let shownButtons = "";
  let shownLines = "";
  let running = false;

  async function press(button, more = {}) {
    if (running) return;
    running = true;
    fill(said, el("p", {}, `${button.label}…`));
    try {
      const done = await post(`pairs/${number}/act`, { action: button.action, ...button.arguments, ...more });
      fill(said, el("p", {}, `Done: ${done.done}.`), code(done));
    } catch (error) {
      const guards = error.data?.guards ?? [];
      fill(
        said,
        el("p", { class: "error" }, error.message),
        guards.length > 0 &&
          el("button", { onclick: () => press(button, { allow: guards }) }, `Do it anyway (allow ${guards.join(", ")})`),
      );
      if (error.status === 401 || error.status === 403) failed(error);
    } finally {
      running = false;
    }
    if (wanted()) await look().catch(failed);
  }

  function code(texts) {
    return el(
      "div",
      { class: "code" },
      el("div", {}, el("span", { class: "quiet" }, "Python"), el("pre", {}, texts.python)),
      el("div", {}, el("span", { class: "quiet" }, "PowerShell"), el("pre", {}, texts.powershell)),
    );
  }

  async function look() {
    const data = await get(`pairs/${number}/lab`);
    if (!wanted()) return;
    clock(data);
    const lines = JSON.stringify(data.explain);
    if (lines !== shownLines) {
      shownLines = lines;
      fill(
        explain,
        data.explain.map((entry) => [
          el("h3", {}, entry.relationship),
          el("ul", { class: "explain" }, entry.lines.map((line) => el("li", {}, line))),
        ]),
      );
    }
    const signature = JSON.stringify(data.buttons);
    if (signature === shownButtons) return;
    shownButtons = signature;
    const groups = Map.groupBy ? Map.groupBy(data.buttons, (button) => button.group) : grouped(data.buttons);
    refill(
      buttons,
      [...groups].map(([group, members]) => [
        el("h3", {}, group),
        members.map((button, index) =>
          el(
            "div",
            { class: "action" },
            el("button", { id: `${button.action}-${group}-${index}`.replaceAll(" ", "-"), "data-action": button.action, onclick: () => press(button) }, button.label),
            code(button),
          ),
        ),
      ]),
    );
  }

  fill(
    body,
    el("h2", {}, "Lab"),
    el("p", { class: "quiet" }, "These servers are simulated. What happens here happens nowhere else."),
    explain,
    said,
    buttons,
  );
  return { refresh: look };
}

function grouped(buttons) {
  const groups = new Map();
  for (const button of buttons) groups.set(button.group, [...(groups.get(button.group) ?? []), button]);
  return groups;
}
