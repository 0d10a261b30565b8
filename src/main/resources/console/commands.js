// All commands: what was asked of devices, and what came of it.

import { html, nothing, render } from "./vendor/lit-html/lit-html.js";
import { repeat } from "./vendor/lit-html/directives/repeat.js";
import { follow, get } from "./api.js";
import { commandStatus, counts, STATUSES, target, when } from "./command-parts.js";
import { count } from "./format.js";
import { announce, emptyNotice, paced, placeholderRows, problemNotice } from "./parts.js";

const ROWS = 50;
const ROWS_MAX = 1_000;
const REFRESH_MILLIS = 1_000;
const LOOK_MILLIS = 5_000;
const TYPING_MILLIS = 300;

export function commandsPage(root) {
  let items = [];
  let filter = { status: "", device_type: "", device_id: "" };
  let types = [];
  let next = null;
  let phase = "loading";
  let problem = null;
  let asking = new AbortController();

  const refresh = paced(() => load(), REFRESH_MILLIS);

  async function load() {
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    try {
      const limit = Math.min(ROWS_MAX, Math.max(ROWS, items.length));
      const [page, numbers] = await Promise.all([
        get("/api/v1/command-logs", { ...filter, limit }, signal),
        get("/api/v1/devices/statistics", {}, signal),
      ]);
      ({ items, next_cursor: next } = page);
      types = Object.keys(numbers.by_type ?? {}).filter((word) => word !== "" && word !== "unknown").sort();
      phase = "ready";
      problem = null;
    } catch (failure) {
      if (failure.name === "AbortError") {
        return;
      }
      problem = failure;
      phase = items.length > 0 ? "ready" : "failed";
    }
    draw();
  }

  async function more() {
    try {
      const page = await get("/api/v1/command-logs", { ...filter, limit: ROWS, cursor: next });
      items = [...items, ...page.items];
      next = page.next_cursor;
      announce(`${count(items.length)} commands are shown`);
    } catch (failure) {
      problem = failure;
    }
    draw();
  }

  // a step is told at once; of a new command whose devices are all away nothing is told, so it is looked for
  const unfollow = follow(null, (kind) => {
    if (kind === "command" || kind === "again") {
      refresh();
    }
  });
  const looking = setInterval(refresh, LOOK_MILLIS);

  /** The address has the filter, so that a link and the back button have it too. */
  function addressChanged(query) {
    filter = Object.fromEntries(Object.keys(filter).map((name) => [name, query?.get(name) ?? ""]));
    items = [];
    phase = phase === "loading" ? "loading" : "narrowing";
    draw();
    load();
  }

  function narrow(change) {
    const query = new URLSearchParams(Object.entries({ ...filter, ...change }).filter(([, text]) => text !== ""));
    const text = query.toString();
    const address = text === "" ? "#/commands" : `#/commands?${text}`;
    if (location.hash !== address) {
      location.hash = address;
    }
  }

  let typing;
  function search(event) {
    clearTimeout(typing);
    const id = event.target.value.trim();
    typing = setTimeout(() => narrow({ device_id: id }), TYPING_MILLIS);
  }

  const filtered = () => Object.values(filter).some((text) => text !== "");

  const draw = () => render(html`
    <div class="page">
      <div class="page-head"><h1>Commands</h1></div>
      ${tools()}
      ${problem ? problemNotice(problem, load) : nothing}
      ${phase === "loading" ? placeholderRows(6) : nothing}
      ${phase === "ready" && items.length === 0 ? none() : nothing}
      ${items.length > 0 ? table() : nothing}
    </div>`, root);

  const select = (label, name, words) => html`
    <label class="select"><span>${label}</span>
      <select .value=${filter[name]} @change=${(event) => narrow({ [name]: event.target.value })}>
        <option value="">All</option>
        ${(filter[name] === "" || words.includes(filter[name]) ? words : [...words, filter[name]]).map((word) => html`
          <option value=${word} ?selected=${word === filter[name]}>${word}</option>`)}
      </select>
    </label>`;

  const tools = () => html`
    <div class="tools">
      <div class="selects">
        ${select("Status", "status", STATUSES)}
        ${select("Type", "device_type", types)}
      </div>
      <div class="search">
        <svg viewBox="0 0 16 16" aria-hidden="true"><circle cx="7" cy="7" r="4.5"/><path d="M10.5 10.5L14 14"/></svg>
        <label class="unseen" for="search">Commands of one device, by its id</label>
        <input id="search" type="search" placeholder="Device id" autocomplete="off" spellcheck="false"
          .value=${filter.device_id} @input=${search}>
      </div>
    </div>`;

  const none = () => (filtered()
    ? emptyNotice("No command matches", "No command fits these filters.", html`<a class="button" href="#/commands">Show all commands</a>`)
    : emptyNotice("No commands yet", html`Send the first one from the page of a device, or where the server runs:
        <code>tethral command send pump-7 restart --wait 5s</code>`, html`<a class="button" href="#/">All devices</a>`));

  const table = () => html`
    <div class="panel table-panel">
      <table class="devices commands">
        <caption class="unseen">Commands, newest first</caption>
        <thead><tr>
          <th scope="col">Command</th><th scope="col">Status</th><th scope="col">Devices</th>
          <th scope="col">Priority</th><th scope="col">By</th><th scope="col" class="right">Issued</th>
        </tr></thead>
        <tbody>${repeat(items, (one) => one.command_id, row)}</tbody>
      </table>
    </div>
    ${next ? html`<div class="more"><button type="button" class="button" @click=${more}>Show more</button></div>` : nothing}`;

  const row = (one) => html`
    <tr data-command=${one.command_id}>
      <td class="device"><a href="#/commands/${one.command_id}">${one.command_name}</a><span class="id">${one.command_id}</span></td>
      <td>${commandStatus(one.status)}</td>
      <td class="values">${target(one)} ${counts(one)}</td>
      <td class="word">${one.priority}</td>
      <td class="protocol muted">${one.issued_by}</td>
      <td class="seen right">${when(one.created_at)}</td>
    </tr>`;

  document.title = "Commands · Tethral";
  return {
    addressChanged,
    close() {
      unfollow();
      asking.abort();
      clearInterval(looking);
      clearTimeout(typing);
      refresh.stop();
    },
  };
}
