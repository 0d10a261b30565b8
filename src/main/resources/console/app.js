// The console: who is signed in, which page the address names, and the bar above all pages.

import { html, nothing, render, svg } from "./vendor/lit-html/lit-html.js";
import { get, liveness, session, signOut } from "./api.js";
import { may, ofAll, signedIn } from "./may.js";
import { overviewPage } from "./overview.js";
import { emptyNotice, placeholderRows, problemNotice, ROLES } from "./parts.js";
import { signInPage } from "./sign-in.js";

const bar = document.getElementById("bar");
const main = document.getElementById("main");

let who = null;
let page = null;

const LIVE_WORDS = { connecting: "Connecting", live: "Live", away: "Reconnecting" };
/** What a press of the theme's button leads to, and its picture. */
const THEMES = {
  system: ["light", svg`<circle cx="8" cy="8" r="5.5"/><path d="M8 2.5a5.5 5.5 0 0 1 0 11z" fill="currentColor"/>`],
  light: ["dark", svg`<circle cx="8" cy="8" r="3"/><path d="M8 1.5v1.2M8 13.3v1.2M1.5 8h1.2M13.3 8h1.2M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9"/>`],
  dark: ["system", svg`<path d="M13 9.6A5.6 5.6 0 0 1 6.4 3a5.6 5.6 0 1 0 6.6 6.6z"/>`],
};

function drawBar() {
  render(html`
    <div class="bar">
      <a class="brand" href="#/" aria-label="Tethral, overview">
        <svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8"/><path d="M8 10h16M16 10v7"/><circle cx="16" cy="21" r="3.6"/></svg>
        Tethral
      </a>
      <nav aria-label="Main">
        ${who ? html`
          <a href="#/" aria-current=${section() === "overview" ? "page" : nothing}>Overview</a>
          <a href="#/devices" aria-current=${section() === "devices" ? "page" : nothing}>Devices</a>
          <a href="#/spaces" aria-current=${section() === "spaces" ? "page" : nothing}>Spaces</a>
          <a href="#/alerts" aria-current=${section() === "alerts" ? "page" : nothing}>Alerts</a>
          <a href="#/commands" aria-current=${section() === "commands" ? "page" : nothing}>Commands</a>
          <a href="#/subscriptions" aria-current=${section() === "subscriptions" ? "page" : nothing}>Subscriptions</a>
          <a href="#/integrations" aria-current=${section() === "integrations" ? "page" : nothing}>Integrations</a>
          ${may("operator") && ofAll() ? html`
            <a href="#/system" aria-current=${section() === "system" ? "page" : nothing}>System</a>` : nothing}
          ${may("community_admin") ? html`
            <a href="#/people" aria-current=${section() === "people" ? "page" : nothing}>People</a>` : nothing}` : nothing}
        <a href="/docs/">API</a>
      </nav>
      <div class="bar-end">
        ${who && ["devices", "commands", "spaces"].includes(section()) ? html`<span class="liveness ${liveness.state}"><i aria-hidden="true"></i>${LIVE_WORDS[liveness.state]}</span>` : nothing}
        <button type="button" class="button quiet icon" title="Theme: ${theme()}" aria-label="Theme: ${theme()}, change to ${THEMES[theme()][0]}"
          @click=${() => chooseTheme(THEMES[theme()][0])}>
          <svg viewBox="0 0 16 16" aria-hidden="true">${THEMES[theme()][1]}</svg>
        </button>
        ${who ? html`<a class="button quiet" href="#/account" aria-current=${page?.name === "account" ? "page" : nothing} title=${`Signed in as ${who.actor}`}>Account</a>
        <button type="button" class="button quiet" title=${`Signed in as ${who.actor}`} @click=${() => signOut()}>Sign out</button>` : nothing}
      </div>
    </div>`, bar);
  const here = bar.querySelector("nav [aria-current]");
  if (here) {
    const nav = here.parentElement;
    nav.scrollLeft = here.offsetLeft - nav.offsetLeft - (nav.clientWidth - here.offsetWidth) / 2;
  }
}

const section = () => page?.name === "overview" || page?.name.startsWith("elsewhere") ? page.name
  : ["people", "api keys", "audit log"].includes(page?.name) ? "people"
  : ["account", "integrations", "system"].includes(page?.name) ? page.name
  : ["alert", "command", "subscription", "space"].find((one) => page?.name.startsWith(one))?.concat("s") ?? "devices";

const theme = () => document.documentElement.dataset.theme ?? "system";

function chooseTheme(chosen) {
  if (chosen === "system") {
    delete document.documentElement.dataset.theme;
    localStorage.removeItem("theme");
  } else {
    document.documentElement.dataset.theme = chosen;
    localStorage.setItem("theme", chosen);
  }
  document.dispatchEvent(new Event("theme"));
  drawBar();
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => document.dispatchEvent(new Event("theme")));

/** `#/` is the overview, `#/devices` are the devices, `#/devices/{id}` is one of them; what follows a `?` belongs to the page. */
function route() {
  const [path, query = ""] = location.hash.replace(/^#/, "").split("?");
  const needed = NEEDED[path] ?? "viewer";
  if (OF_ALL.includes(path) && !ofAll()) {
    return { name: "elsewhere, of all", open: () => elsewhere("people of all communities", "") };
  }
  if (!may(needed)) {
    return { name: `elsewhere, for ${needed}`, open: () => elsewhere(`${ROLES[needed]}s`, "of your community") };
  }
  const device = /^\/devices\/([^/]+)$/.exec(path);
  const subscription = /^\/subscriptions\/([^/]+)$/.exec(path);
  if (subscription) {
    return { name: `subscription ${subscription[1]}`, open: () => later("./subscription.js", "subscriptionPage", decodeURIComponent(subscription[1])) };
  }
  const command = /^\/commands\/([^/]+)$/.exec(path);
  if (command) {
    return { name: `command ${command[1]}`, open: () => later("./command.js", "commandPage", decodeURIComponent(command[1])) };
  }
  const space = /^\/spaces\/([^/]+)$/.exec(path);
  if (space) {
    return { name: `space ${space[1]}`, open: () => later("./space.js", "spacePage", decodeURIComponent(space[1])) };
  }
  if (path === "/spaces") {
    return { name: "spaces", open: () => later("./spaces.js", "spacesPage"), query: new URLSearchParams(query) };
  }
  if (path === "/codecs") {
    return { name: "codecs", open: () => later("./codecs.js", "codecsPage"), query: new URLSearchParams(query) };
  }
  if (path === "/integrations") {
    return { name: "integrations", open: () => later("./integrations.js", "integrationsPage") };
  }
  if (path === "/inbox") {
    return { name: "inbox", open: () => later("./inbox.js", "inboxPage") };
  }
  if (path === "/import") {
    return { name: "import", open: () => later("./import.js", "importPage"), query: new URLSearchParams(query) };
  }
  if (path === "/system") {
    return { name: "system", open: () => later("./system.js", "systemPage") };
  }
  if (path === "/commands") {
    return { name: "commands", open: () => later("./commands.js", "commandsPage"), query: new URLSearchParams(query) };
  }
  if (path === "/subscriptions") {
    return { name: "subscriptions", open: () => later("./subscriptions.js", "subscriptionsPage") };
  }
  if (path === "/people") {
    return { name: "people", open: () => later("./people.js", "peoplePage", who) };
  }
  if (path === "/api-keys") {
    return { name: "api keys", open: () => later("./api-keys.js", "apiKeysPage", who) };
  }
  if (path === "/audit") {
    return { name: "audit log", open: () => later("./audit.js", "auditPage") };
  }
  if (path === "/account") {
    return { name: "account", open: () => later("./account.js", "accountPage", who) };
  }
  if (path === "/alerts") {
    return { name: "alerts", open: () => later("./alerts.js", "alertsPage") };
  }
  if (path === "/alert-rules") {
    return { name: "alert rules", open: () => later("./alert-rules.js", "alertRulesPage") };
  }
  if (path === "" || path === "/") {
    return { name: "overview", open: () => overviewPage(main) };
  }
  return device
    ? { name: `device ${device[1]}`, open: () => later("./device.js", "devicePage", decodeURIComponent(device[1])) }
    : { name: "devices", open: () => later("./devices.js", "devicesPage"), query: new URLSearchParams(query) };
}

/** Pages that not everybody needs. */
const NEEDED = { "/people": "community_admin", "/api-keys": "community_admin", "/audit": "community_admin", "/codecs": "operator", "/system": "operator" };

/** Pages of what belongs to no single community. */
const OF_ALL = ["/system", "/inbox"];

/** Somebody followed an address that was not meant for them. */
function elsewhere(whom, where) {
  document.title = "Tethral";
  render(html`<div class="page">${emptyNotice(`For ${whom}`, `This page is for ${where === "" ? whom : `the ${whom} ${where}`}.`,
    html`<a class="button" href="#/">Overview</a>`)}</div>`, main);
  return { close() {} };
}

/** A page that is loaded when somebody first opens it. */
function later(file, name, ...more) {
  let page = null;
  let query;
  let closed = false;
  async function open() {
    render(html`<div class="page">${placeholderRows(6)}</div>`, main);
    let module;
    try {
      module = await import(file);
    } catch {
      if (!closed) {
        render(html`<div class="page">${problemNotice({ status: 0, message: "The server does not answer." }, open)}</div>`, main);
      }
      return;
    }
    if (!closed) {
      page = module[name](main, ...more); // whose first drawing takes the place of what is there
      page.addressChanged?.(query);
    }
  }
  open();
  return {
    addressChanged(next) {
      query = next;
      page?.addressChanged?.(query);
    },
    close() {
      closed = true;
      page?.close();
    },
  };
}

function show() {
  if (!who) {
    return;
  }
  const next = route();
  if (page?.name === next.name) {
    page.addressChanged?.(next.query);
    return;
  }
  if (page) {
    page.close();
    main.focus({ preventScroll: true });
  }
  render(nothing, main);
  scrollTo(0, 0);
  page = { name: next.name, ...next.open() };
  drawBar();
  page.addressChanged?.(next.query);
}

function leave() {
  who = null;
  signedIn(null);
  page?.close();
  page = null;
  document.title = "Sign in · Tethral";
  drawBar();
  render(nothing, main);
  signInPage(main);
}

async function start() {
  try {
    who = await get("/api/v1/whoami");
    signedIn(who);
  } catch (problem) {
    if (problem.status !== 401) {
      render(html`<div class="page">${problemNotice(problem, start)}</div>`, main);
    }
    drawBar();
    return;
  }
  render(nothing, main);
  drawBar();
  show();
}

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
session.addEventListener("over", leave);
session.addEventListener("begun", start);
liveness.addEventListener("change", drawBar);
addEventListener("hashchange", show);
start();
