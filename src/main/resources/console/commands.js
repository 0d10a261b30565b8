// All commands: what was asked of devices, and what came of it.

import { html, render } from "./vendor/lit-html/lit-html.js";
import { repeat } from "./vendor/lit-html/directives/repeat.js";
import { follow, get } from "./api.js";
import { commandStatus, counts, STATUSES, target, when } from "./command-parts.js";
import { addressFilter, listOf } from "./list.js";
import { emptyNotice, paced } from "./parts.js";

const ROWS = 50;
const REFRESH_MILLIS = 1_000;
const LOOK_MILLIS = 5_000;
const TYPING_MILLIS = 300;

export function commandsPage(root) {
  const filter = addressFilter("/commands", ["status", "device_type", "device_id"]);
  let types = [];
  const list = listOf("/api/v1/command-logs", {
    noun: "commands", rows: ROWS, query: () => filter.values, changed: () => draw(),
  });
  const refresh = paced(() => load(), REFRESH_MILLIS);

  async function load() {
    await Promise.all([list.load(), readTypes()]);
  }

  async function readTypes() {
    try {
      const numbers = await get("/api/v1/devices/statistics");
      types = Object.keys(numbers.by_type ?? {}).filter((word) => word !== "" && word !== "unknown").sort();
      draw();
    } catch {
      // the list says what is wrong
    }
  }

  // a step is told at once; of a new command whose devices are all away nothing is told, so it is looked for
  const unfollow = follow(null, (kind) => {
    if (kind === "command" || kind === "again") {
      refresh();
    }
  });
  const looking = setInterval(refresh, LOOK_MILLIS);

  function addressChanged(query) {
    filter.read(query);
    list.anew();
    readTypes();
  }

  let typing;
  function search(event) {
    clearTimeout(typing);
    const id = event.target.value.trim();
    typing = setTimeout(() => filter.narrow({ device_id: id }), TYPING_MILLIS);
  }

  const draw = () => render(html`
    <div class="page">
      <div class="page-head"><h1>Commands</h1></div>
      ${tools()}
      ${list.shown(table, none)}
    </div>`, root);

  const select = (label, name, words, chosen = filter.values[name]) => html`
    <label class="select"><span>${label}</span>
      <select .value=${chosen} @change=${(event) => filter.narrow({ [name]: event.target.value })}>
        <option value="">All</option>
        ${(chosen === "" || words.includes(chosen) ? words : [...words, chosen]).map((word) => html`
          <option value=${word} ?selected=${word === chosen}>${word}</option>`)}
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
          .value=${filter.values.device_id} @input=${search}>
      </div>
    </div>`;

  const none = () => (filter.any()
    ? emptyNotice("No command matches", "No command fits these filters.", html`<a class="button" href="#/commands">Show all commands</a>`)
    : emptyNotice("No commands yet", html`Send the first one from the page of a device, or where the server runs:
        <code>tethral command send pump-7 restart --wait 5s</code>`, html`<a class="button" href="#/devices">All devices</a>`));

  const table = () => html`
    <div class="panel table-panel">
      <table class="devices commands">
        <caption class="unseen">Commands, newest first</caption>
        <thead><tr>
          <th scope="col">Command</th><th scope="col">Status</th><th scope="col">Devices</th>
          <th scope="col">Priority</th><th scope="col">By</th><th scope="col" class="right">Issued</th>
        </tr></thead>
        <tbody>${repeat(list.items, (one) => one.command_id, row)}</tbody>
      </table>
    </div>`;

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
      list.close();
      clearInterval(looking);
      clearTimeout(typing);
      refresh.stop();
    },
  };
}
