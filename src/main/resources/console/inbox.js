// Devices that knocked without being known: to be registered, or forgotten.

import { html, nothing, render } from "./vendor/lit-html/lit-html.js";
import { act, remove } from "./api.js";
import { jobPanel, startJob } from "./bulk.js";
import { count } from "./format.js";
import { listOf } from "./list.js";
import { may } from "./may.js";
import { emptyNotice, problemNotice, time } from "./parts.js";
import { all } from "./space-parts.js";

const ROWS = 100;
const REFRESH_MILLIS = 5_000;
/** With codecs that need no script. */
const DECODERS = { "cayenne-lpp": "Cayenne LPP", senml: "SenML", cbor: "CBOR", raw: "raw" };

const entryPath = (identity) => `/api/v1/inbox/${encodeURIComponent(identity)}`;

export function inboxPage(root) {
  const chosen = new Set();
  let registering = false;
  let forgetting = false;
  let profiles = [];
  let communities = [];
  let problem = null;
  let job = null;
  let closed = false;

  const list = listOf("/api/v1/inbox", {
    noun: "devices", rows: ROWS, every: REFRESH_MILLIS,
    changed() {
      const there = new Set(list.items.map(({ identity }) => identity));
      chosen.forEach((identity) => there.has(identity) || chosen.delete(identity));
      draw();
    },
  });

  const picked = () => list.items.filter(({ identity }) => chosen.has(identity));

  async function begin() {
    registering = true;
    forgetting = false;
    problem = null;
    draw();
    try {
      [profiles, communities] = (await Promise.all([all("/api/v1/profiles"), all("/api/v1/communities")])).map(({ items }) => items);
    } catch (failure) {
      problem = failure;
    }
    draw();
    root.querySelector(".rule-form input, .rule-form select")?.focus();
  }

  function register(event) {
    event.preventDefault();
    const { device_id: id, name, device_type: type, profile_id: profile, community_id: community, kind, decoder } = Object.fromEntries(new FormData(event.target));
    const said = Object.fromEntries(Object.entries({ device_id: id?.trim(), name: name?.trim(), device_type: type.trim(), profile_id: profile, community_id: community })
      .filter(([, text]) => text));
    run("Register", (entry) => act(`${entryPath(entry.identity)}/register`, {
      ...said,
      ...(entry.protocol === "lorawan" ? { lorawan: { kind, ...(kind === "sensor" && decoder ? { payload_decoder: decoder } : {}) } } : {}),
    }).then(() => "registered"));
  }

  const forget = () => run("Forget", (entry) => remove(entryPath(entry.identity)).then(() => "forgotten"));

  function run(title, action) {
    const entries = picked();
    registering = false;
    forgetting = false;
    chosen.clear();
    job = Object.assign(startJob(entries, action, {
      name: ({ identity }) => ({ id: identity }), total: entries.length, changed: draw,
    }), { title });
    job.ended.then(() => list.load());
    draw();
  }

  // --- how it looks

  function draw() {
    if (!closed) {
      render(view(), root);
    }
  }

  const view = () => html`
    <div class="page">
      <nav class="crumbs" aria-label="Breadcrumb"><a href="#/devices">Devices</a><span aria-hidden="true">/</span><span aria-current="page">Inbox</span></nav>
      <div class="page-head"><h1>Inbox</h1><p class="muted">devices that knocked and are not registered</p></div>
      ${job ? jobPanel(job, { title: job.title, unit: "devices", leave: () => { job = null; draw(); } }) : nothing}
      ${may("operator") && list.items.length > 0 ? tools() : nothing}
      ${problem ? problemNotice(problem) : nothing}
      ${registering ? form() : nothing}
      ${list.shown(table, () => emptyNotice("Nobody waits", "A device that connects under a name that nobody registered shows up here, and is let in by registering it."))}
    </div>`;

  const tools = () => html`
    <div class="tools selection">
      <span class="muted" role="status">${count(chosen.size)} selected</span>
      <button type="button" class="button quiet" ?disabled=${chosen.size === list.items.length} @click=${chooseAll}>Select all that are shown</button>
      ${forgetting ? html`
        <span>Forget ${count(chosen.size)}, and what is kept of them?</span>
        <button type="button" class="button" @click=${forget}>Forget ${count(chosen.size)}</button>
        <button type="button" class="button quiet" @click=${() => { forgetting = false; draw(); }}>Cancel</button>` : html`
        <button type="button" class="button primary" ?disabled=${chosen.size === 0 || job?.phase === "running"} @click=${begin}>Register</button>
        <button type="button" class="button" ?disabled=${chosen.size === 0 || job?.phase === "running"} @click=${() => { forgetting = true; registering = false; draw(); }}>Forget</button>`}
    </div>`;

  function form() {
    const entries = picked();
    const [single] = entries;
    const lorawan = entries.some(({ protocol }) => protocol === "lorawan");
    return html`
      <form class="panel rule-form" @submit=${register} aria-label="Register">
        <div class="panel-head"><h2>Register ${entries.length === 1 ? single.identity : `${count(entries.length)} devices`}</h2></div>
        <div class="fields wide">
          ${entries.length === 1 ? html`
            <label class="field"><span>Device id</span><input name="device_id" value=${single.identity} required maxlength="255" autocomplete="off" spellcheck="false"></label>
            <label class="field"><span>Name, if it has another</span><input name="name" maxlength="255" autocomplete="off"></label>` : nothing}
          <label class="field"><span>Type</span><input name="device_type" maxlength="255" autocomplete="off" placeholder="ESP32"></label>
          <label class="field"><span>Profile</span><select name="profile_id"><option value="">none</option>
            ${profiles.map(({ id, name }) => html`<option value=${id}>${name}</option>`)}</select></label>
          <label class="field"><span>Community</span><select name="community_id">
            ${communities.map(({ id, name }) => html`<option value=${id}>${name}</option>`)}</select></label>
          ${lorawan ? html`
            <label class="field"><span>On LoRaWAN it is a</span><select name="kind"><option value="sensor">sensor</option><option value="display">display</option></select></label>
            <label class="field"><span>Codec of a sensor</span><select name="decoder"><option value="">its profile's</option>
              ${Object.entries(DECODERS).map(([word, text]) => html`<option value=${word}>${text}</option>`)}</select></label>` : nothing}
        </div>
        <p class="quiet-note">What is kept of ${entries.length === 1 ? "it" : "them"} is stored then. Over other ways than LoRaWAN a device needs a token of its own: its page gives one.</p>
        <div class="form-acts">
          <button class="button primary" ?disabled=${entries.length === 0}>Register ${count(entries.length)}</button>
          <button type="button" class="button quiet" @click=${() => { registering = false; problem = null; draw(); }}>Cancel</button>
        </div>
      </form>`;
  }

  function choose(identity, event) {
    chosen[event.target.checked ? "add" : "delete"](identity);
    draw();
  }

  function chooseAll() {
    list.items.forEach(({ identity }) => chosen.add(identity));
    draw();
  }

  const table = () => html`
    <div class="panel table-panel">
      <table class="devices inbox">
        <caption class="unseen">Devices that were turned away, newest first</caption>
        <thead><tr>
          ${may("operator") ? html`<td class="pick"></td>` : nothing}
          <th scope="col">Device</th><th scope="col">Why</th><th scope="col">Protocol</th><th scope="col" class="right">Attempts</th>
          <th scope="col" class="right">Kept messages</th><th scope="col" class="right">Last seen</th>
        </tr></thead>
        <tbody>${list.items.map(row)}</tbody>
      </table>
    </div>`;

  const row = (one) => html`
    <tr data-identity=${one.identity}>
      ${may("operator") ? html`<td class="pick"><input type="checkbox" aria-label="${one.identity}, select" .checked=${chosen.has(one.identity)} @change=${(event) => choose(one.identity, event)}></td>` : nothing}
      <td><span class="strong">${one.identity}</span>${one.remote_address ? html`<span class="note">from ${one.remote_address}</span>` : nothing}</td>
      <td class="why">${one.reason}</td>
      <td class="protocol">${one.protocol}</td>
      <td class="right figure" data-label="Attempts">${count(one.attempts)}</td>
      <td class="right figure" data-label="Kept">${count(one.messages)}</td>
      <td class="right seen">${time(one.last_seen)}</td>
    </tr>`;

  document.title = "Inbox · Tethral";
  draw();
  list.load();
  return {
    close() {
      job?.stop();
      closed = true;
      list.close();
    },
  };
}
