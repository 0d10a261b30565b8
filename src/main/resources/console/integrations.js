// The ways to systems of others: network servers, brokers, sources of readings, receivers of events; and how they fare.

import { html, nothing, render } from "./vendor/lit-html/lit-html.js";
import { act, change, get, remove } from "./api.js";
import { count } from "./format.js";
import { listOf } from "./list.js";
import { may, ofAll } from "./may.js";
import { announce, emptyNotice, placeholderRows, problemNotice, status, time } from "./parts.js";

const ROWS = 50;
const RECEIVERS_MAX = 1_000;
const REFRESH_MILLIS = 3_000;

const SYSTEMS = { chirpstack: "ChirpStack", tts: "The Things Stack", mqtt: "MQTT bridge", inbox: "Messages of new devices" };
const WAYS = { http: "over HTTP", mqtt: "over its broker", grpc: "downlinks over gRPC", webhook: "downlinks" };
const COUNTS = {
  received: "received", stored: "stored", kept: "kept in the inbox", refused: "refused", malformed: "unreadable", codec_failed: "codec failed",
  downlinks: "downlinks", downlinks_refused: "downlinks refused", unanswered: "not committed yet",
  dropped_topic: "of no device's topic", dropped_payload: "unreadable", dropped_stranger: "of unknown devices", dropped_refused: "refused",
};
const SINKS = { webhook: "Webhooks", kafka: "Kafka", mqtt: "Topics of our broker" };

const channelPath = (id) => `/api/v1/thingspeak/channels/${encodeURIComponent(id)}`;

export function integrationsPage(root) {
  let ways = null;
  let receivers = null;
  let problem = null;
  let formProblem = null;
  let adding = false;
  let removing = null;
  let busy = false;
  let timer;
  let closed = false;

  const channels = listOf("/api/v1/thingspeak/channels", {
    noun: "channels", rows: ROWS, every: REFRESH_MILLIS, changed: () => draw(),
  });

  async function load() {
    clearTimeout(timer);
    try {
      const [found, subscriptions] = await Promise.all([
        ofAll() && may("operator") ? get("/api/v1/integrations") : null,
        get("/api/v1/subscriptions", { limit: RECEIVERS_MAX }),
      ]);
      ways = found?.items ?? [];
      receivers = bySink(subscriptions.items);
      problem = null;
    } catch (failure) {
      problem = failure;
    }
    if (!closed) {
      draw();
      timer = setTimeout(load, REFRESH_MILLIS);
    }
  }

  function bySink(subscriptions) {
    const kinds = new Map(Object.keys(SINKS).map((kind) => [kind, { all: 0, states: {}, delivered: 0, dead: 0, last: null, error: null }]));
    for (const { sink, state, delivered, dead, last_delivered_at: last, last_error: error } of subscriptions) {
      const of = kinds.get(sink.kind) ?? { all: 0, states: {}, delivered: 0, dead: 0, last: null, error: null };
      kinds.set(sink.kind, of);
      of.all++;
      of.states[state] = (of.states[state] ?? 0) + 1;
      of.delivered += delivered;
      of.dead += dead;
      of.last = last > (of.last ?? "") ? last : of.last;
      of.error ??= state === "failing" ? error : null;
    }
    return kinds;
  }

  // --- what the person asks for

  async function ask(action, told) {
    busy = true;
    draw();
    try {
      await action();
      formProblem = null;
      announce(told);
      await channels.load();
    } catch (failure) {
      formProblem = failure;
    }
    busy = false;
    if (!closed) {
      draw();
    }
  }

  function add(event) {
    event.preventDefault();
    const { device_id, channel_id, api_key, poll_interval_seconds, from } = Object.fromEntries(new FormData(event.target));
    ask(async () => {
      await act("/api/v1/thingspeak/channels", {
        device_id: device_id.trim(),
        channel_id: channel_id.trim(),
        poll_interval_seconds: Number(poll_interval_seconds),
        ...(api_key === "" ? {} : { api_key }),
        ...(from === "" ? {} : { from: new Date(from).toISOString() }),
      });
      adding = false;
    }, "The channel is read from now on");
  }

  const toggle = (one) => ask(
    () => change(channelPath(one.id), { enabled: !one.enabled }, one.version),
    one.enabled ? "The channel is paused" : "The channel is read again");

  const poll = (one) => ask(() => act(`${channelPath(one.id)}/poll`), "The channel is read now");

  const take = (one) => ask(async () => {
    await remove(channelPath(one.id));
    removing = null;
  }, "The channel is read no longer");

  // --- how it looks

  const draw = () => render(html`
    <div class="page">
      <div class="page-head">
        <h1>Integrations</h1>
        ${may("community_admin") && !adding ? html`<button type="button" class="button primary head-end" @click=${() => { adding = true; formProblem = null; draw(); root.querySelector("form input").focus(); }}>Add a channel</button>` : nothing}
      </div>
      ${adding ? form() : nothing}
      ${formProblem ? problemNotice(formProblem) : nothing}
      ${problem ? problemNotice(problem, load) : nothing}
      ${ways === null ? (problem ? nothing : placeholderRows(3)) : html`
        ${ways.length > 0 ? html`<div class="ways">${ways.map(way)}</div>` : nothing}
        ${sources()}
        ${receiving()}`}
    </div>`, root);

  const way = (one) => html`
    <section class="panel way" data-way=${one.name} aria-label=${title(one)}>
      <div class="panel-head">
        <h2>${title(one)}</h2>
        <span class="panel-tools">${status(one.problem ? "failing" : one.last_event_at ? "connected" : "waiting")}</span>
      </div>
      ${one.problem ? html`<p class="form-problem">${one.problem}</p>` : nothing}
      <dl class="facts">
        <div><dt>Last message</dt><dd>${time(one.last_event_at)}</dd></div>
        ${Object.entries(one.settings).filter(([, text]) => text !== "").map(([name, text]) => html`<div><dt>${name}</dt><dd class="mono">${text}</dd></div>`)}
        ${one.last_error ? html`<div><dt>Last error</dt><dd>${one.last_error} <span class="muted">${time(one.last_error_at)}</span></dd></div>` : nothing}
      </dl>
      <p class="counts">${counted(one.counts)}</p>
    </section>`;

  function title({ name, system }) {
    const way = WAYS[name.slice(system.length + 1)];
    return `${SYSTEMS[system] ?? system}${way ? ` ${way}` : ""}`;
  }

  function counted(counts) {
    const some = Object.entries(counts).filter(([, number]) => number > 0);
    return some.length === 0
      ? html`<span class="muted">nothing since the start</span>`
      : some.map(([name, number]) => html`<span><b class="figure">${count(number)}</b> <span class="muted">${COUNTS[name] ?? name}</span></span>`);
  }

  const sources = () => html`
    <section class="panel" aria-label="ThingSpeak">
      <div class="panel-head"><h2>ThingSpeak</h2></div>
      ${channels.shown(channelTable, () => emptyNotice("No channel is read", "A channel of ThingSpeak becomes readings of a device."))}
    </section>`;

  const channelTable = () => html`
    <table class="list channels">
      <caption class="unseen">Channels, in the order in which they were added</caption>
      <thead><tr>
        <th scope="col">Channel</th><th scope="col">State</th><th scope="col">Calls</th><th scope="col">Read</th><th scope="col">Entries</th>
        ${may("operator") ? html`<th scope="col"><span class="unseen">What can be done</span></th>` : nothing}
      </tr></thead>
      <tbody>${channels.items.map(channel)}</tbody>
    </table>`;

  const channel = (one) => html`
    <tr data-channel=${one.channel_id}>
      <td><a class="strong" href="#/devices/${encodeURIComponent(one.device_id)}">${one.device_id}</a>
        <span class="note">${one.source} ${one.channel_id}, every ${count(one.poll_interval_seconds)} s</span></td>
      <td>${status(one.state)}${one.last_error ? html`<span class="note">${one.last_error}</span>` : nothing}</td>
      <td>${one.breaker.state === "closed" ? "go through" : one.breaker.state === "open" ? html`held back <span class="note">until ${time(one.breaker.until)}</span>` : "on trial"}</td>
      <td class="seen">${time(one.last_polled_at)}</td>
      <td class="figure">${one.last_entry_id === 0 ? html`<span class="muted">none yet</span>` : html`${count(one.first_entry_id)}–${count(one.last_entry_id)}`}</td>
      ${may("operator") ? html`<td class="acts">${acts(one)}</td>` : nothing}
    </tr>`;

  const acts = (one) => removing === one.id ? html`
    <span class="note">What was read stays.</span>
    <button type="button" class="button" ?disabled=${busy} @click=${() => take(one)}>Remove it</button>
    <button type="button" class="button quiet" @click=${() => { removing = null; draw(); }}>Cancel</button>` : html`
    ${one.enabled ? html`<button type="button" class="button quiet" ?disabled=${busy} @click=${() => poll(one)}>Read now</button>` : nothing}
    ${may("community_admin") ? html`
      <button type="button" class="button quiet" ?disabled=${busy} @click=${() => toggle(one)}>${one.enabled ? "Pause" : "Resume"}</button>
      <button type="button" class="button quiet" ?disabled=${busy} @click=${() => { removing = one.id; draw(); }}>Remove</button>` : nothing}`;

  const form = () => html`
    <form class="panel rule-form" @submit=${add} aria-label="New channel">
      <div class="fields wide">
        <label class="field"><span>Device</span><input name="device_id" required maxlength="255" autocomplete="off" spellcheck="false" placeholder="weather-1"></label>
        <label class="field"><span>Channel of ThingSpeak</span><input name="channel_id" required maxlength="200" autocomplete="off" spellcheck="false" placeholder="12397"></label>
        <label class="field"><span>Read key, if it is not public</span><input name="api_key" maxlength="1024" autocomplete="off" spellcheck="false"></label>
        <label class="field"><span>Seconds from one look to the next</span><input name="poll_interval_seconds" type="number" min="1" max="86400" value="60" required></label>
        <label class="field"><span>From when on; empty: from now</span><input name="from" type="datetime-local"></label>
      </div>
      <div class="form-acts">
        <button class="button primary" ?disabled=${busy}>Read it</button>
        <button type="button" class="button quiet" @click=${() => { adding = false; formProblem = null; draw(); }}>Cancel</button>
      </div>
    </form>`;

  const receiving = () => html`
    <section class="panel" aria-label="Receivers of events">
      <div class="panel-head"><h2>Receivers of events</h2><a class="panel-tools muted" href="#/subscriptions">all subscriptions</a></div>
      <table class="list receivers">
        <caption class="unseen">Receivers by their kind</caption>
        <thead><tr><th scope="col">Kind</th><th scope="col">Subscriptions</th><th scope="col">Delivered</th><th scope="col">Last delivered</th></tr></thead>
        <tbody>${[...receivers].map(([kind, of]) => html`
          <tr data-sink=${kind}>
            <td>${SINKS[kind] ?? kind}</td>
            <td>${of.all === 0 ? html`<span class="muted">none</span>` : html`<span class="counts">${Object.entries(of.states).map(([state, number]) => html`<span><b class="figure">${count(number)}</b> ${status(state)}</span>`)}</span>`}
              ${of.error ? html`<span class="note">${of.error}</span>` : nothing}</td>
            <td class="figure">${count(of.delivered)}${of.dead > 0 ? html` <span class="note">${count(of.dead)} given up</span>` : nothing}</td>
            <td class="seen">${of.all === 0 ? nothing : time(of.last)}</td>
          </tr>`)}</tbody>
      </table>
    </section>`;

  document.title = "Integrations · Tethral";
  draw();
  load();
  channels.load();
  return {
    close() {
      closed = true;
      clearTimeout(timer);
      channels.close();
    },
  };
}
