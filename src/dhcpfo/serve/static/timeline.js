// The states of both servers over time.

import { get } from "./api.js";
import { chip, el, icon, refill, stateText, table, timeText } from "./dom.js";

const LAST = 40; // changes in the table

export function timelinePart(body, { number }) {
  let shown = "";
  return {
    async refresh() {
      const data = await get(`pairs/${number}/timelines`);
      const signature = JSON.stringify([data.timelines, data.source === "lab" ? data.end : data.end.slice(0, 16)]);
      if (signature === shown) return;
      shown = signature;
      refill(
        body,
        el(
          "p",
          { class: "quiet" },
          data.source === "lab"
            ? "The lab's own record, on the lab's clock."
            : "Changes seen while this page was open in some browser. Servers keep no history.",
        ),
        data.timelines.length === 0 && el("p", {}, "Nothing was seen yet."),
        data.timelines.map((timeline) => one(timeline, data.end)),
      );
    },
  };
}

// Places from 0 to 100 for moments: a short interval gets more room than its share, so that the seconds of a
// handshake can be seen beside days.
export function places(moments) {
  const weights = moments.slice(1).map((moment, index) => Math.log1p(Math.max(0, moment - moments[index]) / 1000) + 1);
  const whole = weights.reduce((sum, weight) => sum + weight, 0) || 1;
  const found = new Map([[moments[0], 0]]);
  let sum = 0;
  weights.forEach((weight, index) => {
    sum += weight;
    found.set(moments[index + 1], (100 * sum) / whole);
  });
  return found;
}

function one(timeline, end) {
  const last = Date.parse(end);
  const lanes = timeline.lanes.map((lane) => ({ ...lane, changes: lane.changes.slice(-LAST) }));
  const times = lanes.flatMap((lane) => lane.changes.map((change) => Date.parse(change.time)));
  const moments = [...new Set([...times, last])].sort((a, b) => a - b);
  const place = places(moments);
  return el(
    "section",
    {},
    el("h2", {}, timeline.relationship),
    el("div", { class: "lanes", "aria-hidden": "true" }, lanes.map((lane) => bar(lane, place, last))),
    tableOf(lanes),
  );
}

function bar(lane, place, last) {
  const track = el("div", { class: "track" });
  lane.changes.forEach((change, index) => {
    const until = lane.changes[index + 1] ? Date.parse(lane.changes[index + 1].time) : last;
    const left = place.get(Date.parse(change.time));
    const width = (place.get(until) ?? 100) - left;
    if (width <= 0) return;
    const text = stateText(change.state);
    const segment = el(
      "div",
      { class: `segment ${change.kind}`, title: `${text} since ${timeText(change.time)}: ${change.cause}` },
      icon(change.kind),
      el("span", {}, text),
    );
    segment.style.left = `${left}%`;
    segment.style.width = `${width}%`;
    track.append(segment);
  });
  return el("div", { class: "lane" }, el("span", { class: "server" }, lane.server), track);
}

function tableOf(lanes) {
  const changes = lanes
    .flatMap((lane) => lane.changes.map((change) => ({ ...change, server: lane.server })))
    .sort((one, other) => (one.time < other.time ? 1 : one.time > other.time ? -1 : 0));
  const lines = changes.map((change) =>
    el(
      "tr",
      {},
      el("td", { class: "time" }, timeText(change.time)),
      el("td", {}, change.server),
      el("td", {}, chip(change.kind, stateText(change.state))),
      el("td", {}, change.cause),
    ),
  );
  return table("list", "Changes of state", ["Time", "Server", "State", "Cause"], lines);
}
