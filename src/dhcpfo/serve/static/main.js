// Starts the page: the token, the address in the browser, and the regular look for news.

import { Failed, post, session } from "./api.js";
import { el, fill, shown } from "./dom.js";
import { gridView } from "./grid.js";
import { pairView } from "./pair.js";
import { wantedView } from "./wanted.js";

const EVERY = 2000;
const content = document.getElementById("content");
const banner = document.getElementById("banner");
let view = null;
let lab = false;
let file = null;
let asking = false;

function say(text) {
  banner.textContent = shown(text);
  banner.hidden = !text;
}

function failed(error) {
  if (error instanceof Failed && error.status === 401) return logIn("");
  if (error instanceof Failed && error.status === 403) return void start(); // the server was started again
  if (error instanceof Failed) return say(error.message);
  if (error instanceof TypeError) return say("The page's server does not answer. What you see may be old.");
  say(String(error));
  throw error;
}

async function tick() {
  if (asking || !view || document.hidden) return;
  asking = true;
  const asked = view;
  try {
    await asked.refresh();
    if (asked === view) say("");
  } catch (error) {
    if (asked === view) failed(error);
  } finally {
    asking = false;
  }
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // somebody wrote a % by hand
  }
}

function route() {
  const parts = decoded(location.hash.replace(/^#\/?/, "")).split("/");
  const about = { lab, file, failed };
  view?.close?.();
  content.replaceChildren();
  if (parts[0] === "pair" && /^\d+$/.test(parts[1] ?? "")) view = pairView(content, Number(parts[1]), parts.slice(2), about);
  else view = (parts[0] === "plan" && file ? wantedView : gridView)(content, about);
  asking = false;
  tick();
}

function logIn(text) {
  view = null;
  say(text);
  const field = el("input", { type: "password", id: "token", autocomplete: "off", required: true });
  const form = el(
    "form",
    { class: "login" },
    el("h1", {}, "Token"),
    el("p", {}, "This server asks for the token that it printed when it was started."),
    el("label", { for: "token" }, "Token"),
    field,
    el("button", { type: "submit" }, "Continue"),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await post("login", { token: field.value });
      await start();
    } catch (error) {
      say(error.message);
    }
  });
  fill(content, form);
  field.focus();
}

async function start() {
  const given = /^#code=(.*)$/.exec(location.hash); // works once: the browser's history keeps it
  if (given) {
    history.replaceState(null, "", "#/");
    await post("login", { code: given[1] }).catch(() => {});
  }
  try {
    ({ lab, file } = await session());
  } catch (error) {
    return failed(error);
  }
  document.getElementById("mode").hidden = !lab;
  say("");
  route();
}

window.addEventListener("hashchange", () => {
  if (!view) return;
  route();
  content.focus({ preventScroll: true }); // so that screen readers and Tab go on at the new page
});
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  content.focus();
});
document.addEventListener("visibilitychange", tick);
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const filter = document.getElementById("filter");
    if (filter) {
      event.preventDefault();
      filter.focus();
    }
  }
});
setInterval(tick, EVERY);
start();
