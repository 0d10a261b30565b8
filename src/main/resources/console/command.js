// One command: what was asked, of whom, and how far it is with each device.

import { html, nothing, render } from "./vendor/lit-html/lit-html.js";
import { act, follow, get } from "./api.js";
import { answer, commandStatus, counts, json, OPEN, target, when } from "./command-parts.js";
import { dayTime, duration } from "./format.js";
import { may } from "./may.js";
import { announce, emptyNotice, paced, placeholderRows, problemNotice } from "./parts.js";

const ROWS = 100;
const REFRESH_MILLIS = 500;
const LOOK_MILLIS = 5_000;

export function commandPage(root, id) {
  const path = `/api/v1/command-logs/${encodeURIComponent(id)}`;
  let command = null;
  let dispatches = [];
  let next = null;
  let problem = null;
  let closed = false;

  const refresh = paced(load, REFRESH_MILLIS);

  async function load() {
    try {
      command = await get(path, { limit: Math.min(1_000, Math.max(ROWS, dispatches.length)) });
      ({ dispatches, next_cursor: next } = command);
      problem = null;
      document.title = `${command.command_name} · Tethral`;
    } catch (failure) {
      problem = failure;
    }
    if (!closed) {
      draw();
    }
  }

  async function more() {
    const page = await get(path, { limit: ROWS, cursor: next });
    dispatches = [...dispatches, ...page.dispatches];
    next = page.next_cursor;
    draw();
  }

  async function cancel() {
    try {
      await act(`${path}/cancel`);
      announce("What was still open of the command is cancelled");
      await load();
    } catch (failure) {
      problem = failure;
      draw();
    }
  }

  const unfollow = follow(null, (kind, data) => {
    if (kind === "again" || (kind === "command" && data.command_id === id)) {
      refresh();
    }
  });
  const looking = setInterval(() => {
    if (command && OPEN.has(command.status)) {
      refresh();
    }
  }, LOOK_MILLIS);

  const draw = () => render(view(), root);

  const crumbs = (name) => html`
    <nav class="crumbs" aria-label="Breadcrumb"><a href="#/commands">Commands</a><span aria-hidden="true">/</span><span aria-current="page">${name}</span></nav>`;

  function view() {
    if (problem && (problem.status === 404 || problem.status === 400)) {
      return html`<div class="page">${emptyNotice("No such command", html`There is no command <code>${id}</code>.`,
        html`<a class="button" href="#/commands">All commands</a>`)}</div>`;
    }
    if (!command) {
      return html`<div class="page">${crumbs(id)}${problem ? problemNotice(problem, load) : placeholderRows(4)}</div>`;
    }
    return html`
      <div class="page">
        ${crumbs(command.command_name)}
        <div class="device-head">
          <div><h1>${command.command_name}</h1><p class="id">${id}</p></div>
          <dl class="vitals">
            <div><dt>Status</dt><dd>${commandStatus(command.status)}</dd></div>
            <div><dt>To</dt><dd>${target(command)}</dd></div>
            <div><dt>Priority</dt><dd>${command.priority}</dd></div>
            <div><dt>Issued</dt><dd>${when(command.created_at)}</dd></div>
            ${OPEN.has(command.status) ? html`<div><dt>Expires</dt><dd>${when(command.expires_at)}</dd></div>` : nothing}
          </dl>
        </div>
        ${problem ? problemNotice(problem, load) : nothing}
        <div class="columns">
          <div class="column">${devices()}</div>
          <div class="column">${about()}</div>
        </div>
      </div>`;
  }

  const devices = () => html`
    <section class="panel" aria-label="Devices">
      <div class="panel-head">
        <h2>Devices</h2>${counts(command)}
        ${OPEN.has(command.status) && may("operator") ? html`<div class="panel-tools"><button type="button" class="button" @click=${cancel}>Cancel</button></div>` : nothing}
      </div>
      <table class="list commands-log">
        <caption class="unseen">How far the command is with each device</caption>
        <thead><tr><th scope="col">Status</th><th scope="col">Device</th><th scope="col">Answer</th>
          <th scope="col" class="right">Attempts</th><th scope="col" class="right">Took</th></tr></thead>
        <tbody>${dispatches.map(row)}</tbody>
      </table>
      ${next ? html`<p class="panel-more"><button type="button" class="button quiet" @click=${more}>Show more</button></p>` : nothing}
    </section>`;

  const row = (one) => html`
    <tr data-device=${one.device_id}>
      <td>${commandStatus(one.status)}</td>
      <td class="what"><a href="#/devices/${encodeURIComponent(one.device_id)}">${one.device_id}</a></td>
      <td class="reason">${answer(one) || html`<span class="muted">—</span>`}</td>
      <td class="right figure attempts">${one.attempts}</td>
      <td class="right figure">${one.response_time_ms === null ? html`<span class="muted">—</span>` : html`${one.response_time_ms} ms`}</td>
    </tr>`;

  function about() {
    const facts = [
      ["Payload", json(command.payload) ? html`<code>${json(command.payload)}</code>` : "none"],
      ["Issued by", command.issued_by],
      ["Expires", dayTime(command.expires_at)],
      ["Answer within", duration(command.timeout)],
      ["Attempts at most", command.max_attempts],
      ["Answer", command.one_way ? "not asked for" : "asked for"],
      ...(command.completed_at ? [["Ended", dayTime(command.completed_at)]] : []),
    ];
    return html`
      <section class="panel" aria-label="About">
        <div class="panel-head"><h2>About</h2></div>
        <dl class="facts">${facts.map(([name, text]) => html`<div><dt>${name}</dt><dd>${text}</dd></div>`)}</dl>
      </section>`;
  }

  draw();
  load();
  return {
    close() {
      closed = true;
      unfollow();
      clearInterval(looking);
      refresh.stop();
    },
  };
}
