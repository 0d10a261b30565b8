// On a device's page: a form that sends it a command, and the commands that it was sent.

import { html, nothing } from "./vendor/lit-html/lit-html.js";
import { act, devicePath, get } from "./api.js";
import { answer, commandStatus, counts, json, OPEN, PRIORITIES, when } from "./command-parts.js";
import { may } from "./may.js";
import { paced, problemNotice } from "./parts.js";

const ROWS = 8;
const ROWS_MORE = 25;
const REFRESH_MILLIS = 500;

/** @param draw draws the page */
export function commandPanel(id, draw) {
  const details = new Map();
  let items = [];
  let next = null;
  let rows = ROWS;
  let problem = null;
  let refusal = null;
  let sending = false;
  let key = newKey();
  let closed = false;
  const refresh = paced(load, REFRESH_MILLIS);

  async function load() {
    try {
      const page = await get("/api/v1/command-logs", { device_id: id, limit: rows });
      await Promise.all(page.items.filter((one) => one.target_device_count === 1).map(look));
      items = page.items;
      next = page.next_cursor;
      problem = null;
    } catch (failure) {
      problem = failure;
    }
    if (!closed) {
      draw();
    }
  }

  /** Payload and answer are read once more when the command has come further. */
  async function look(one) {
    const known = details.get(one.command_id);
    if (!known || known.status !== one.status) {
      details.set(one.command_id, await get(`/api/v1/command-logs/${one.command_id}`));
    }
  }

  /** A step of one of its commands, out of the live stream. */
  function moved({ command_id: command, status }) {
    const row = items.find((one) => one.command_id === command);
    if (row?.target_device_count === 1) {
      row.status = status;
    }
    refresh();
  }

  async function send(event) {
    event.preventDefault();
    const form = event.target;
    const text = form.elements.payload.value.trim();
    let payload;
    try {
      payload = text === "" ? {} : JSON.parse(text);
    } catch {
      refusal = { message: "The payload is no JSON. A text stands between quotation marks." };
      form.elements.payload.focus();
      draw();
      return;
    }
    sending = true;
    refusal = null;
    draw();
    try {
      await act(`${devicePath(id)}/command`, {
        command_name: form.elements.name.value.trim(),
        payload,
        priority: form.elements.priority.value,
      }, { "Idempotency-Key": key });
      key = newKey();
      await load();
    } catch (failure) {
      refusal = failure;
      if (failure.status !== 0) {
        key = newKey();
      }
    }
    sending = false;
    draw();
  }

  function more() {
    rows += ROWS_MORE;
    load();
  }

  const form = () => html`
    <form class="command-form" @submit=${send} aria-label="Send a command">
      <label>Command
        <input name="name" required maxlength="255" autocomplete="off" spellcheck="false" placeholder="open_valve">
      </label>
      <label class="wide">Payload
        <input name="payload" autocomplete="off" spellcheck="false" placeholder='{"valve": 3}'>
      </label>
      <label>Priority
        <select name="priority">${PRIORITIES.map((word) => html`<option value=${word} ?selected=${word === "normal"}>${word}</option>`)}</select>
      </label>
      <button class="button primary" ?disabled=${sending}>Send</button>
    </form>
    ${refusal ? html`<p class="form-problem" role="alert">${refusal.message}</p>` : nothing}`;

  const row = (one) => {
    const dispatch = details.get(one.command_id)?.dispatches[0];
    const said = dispatch && one.target_device_count === 1 ? answer(dispatch) : "";
    const payload = json(details.get(one.command_id)?.payload);
    return html`
      <tr data-command=${one.command_id}>
        <td>${commandStatus(one.status)}</td>
        <td class="what"><a href="#/commands/${one.command_id}">${one.command_name}</a>
          ${payload ? html`<span class="id">${payload}</span>` : nothing}</td>
        <td class=${said || one.target_device_count > 1 ? "reason" : "reason nothing muted"}>${one.target_device_count === 1 ? said || (OPEN.has(one.status) ? "" : "—") : counts(one)}</td>
        <td class="when right figure">${when(one.created_at)}</td>
      </tr>`;
  };

  const view = () => html`
    <section class="panel" aria-label="Commands">
      <div class="panel-head"><h2>Commands</h2></div>
      ${may("operator") ? form() : nothing}
      ${problem ? problemNotice(problem, load) : nothing}
      <table class="list commands-log">
        <caption class="unseen">Commands to this device, newest first</caption>
        <thead><tr><th scope="col">Status</th><th scope="col">Command</th><th scope="col">Answer</th><th scope="col" class="right">Issued</th></tr></thead>
        <tbody>
          ${items.length === 0 ? html`<tr><td colspan="4" class="muted">It was not sent any command yet.</td></tr>` : nothing}
          ${items.map(row)}
        </tbody>
      </table>
      ${next ? html`<p class="panel-more"><button type="button" class="button quiet" @click=${more}>Show older</button></p>` : nothing}
    </section>`;

  load();
  return {
    view,
    moved,
    refresh,
    close() {
      closed = true;
      refresh.stop();
    },
  };
}

/** With it, a command that is sent again because the answer got lost is not a second one. */
const newKey = () => `console-${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
