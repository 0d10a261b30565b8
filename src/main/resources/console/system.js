// The program itself, for those who run it: how full its parts are, its store, its nodes, its backups.

import { html, nothing, render } from "./vendor/lit-html/lit-html.js";
import { act, get } from "./api.js";
import { bytes, count, duration, fullTime, number } from "./format.js";
import { may } from "./may.js";
import { announce, placeholderRows, problemNotice, status, time } from "./parts.js";

const REFRESH_MILLIS = 2_000;
/** A node says that it lives every second or so. */
const SILENT_SECONDS = 15;
const TIGHT = 0.7;

const COUNTS = {
  messages_stored: "messages stored", messages_refused: "messages refused for good", messages_turned_away: "messages told to wait, as a queue was full",
  mqtt_dropped: "MQTT messages dropped, as a client's queue was full", mqtt_untold: "facts that applications were not told in time",
  events_delivered: "events delivered", events_dead: "events given up", commands_sent: "commands sent", rows_removed_for_age: "rows removed for their age",
  dashboard_hit: "overviews out of the cache", dashboard_miss: "overviews made anew", dashboard_stale: "overviews that were out of date",
};
/** Counts that should stay at nothing. */
const LOSSES = ["messages_refused", "messages_turned_away", "mqtt_dropped", "mqtt_untold", "events_dead", "dashboard_stale"];

export function systemPage(root) {
  let system = null;
  let problem = null;
  let formProblem = null;
  let asking = new AbortController();
  let timer;
  let closed = false;

  async function load() {
    clearTimeout(timer);
    asking.abort();
    asking = new AbortController();
    try {
      system = await get("/api/v1/system", {}, asking.signal);
      problem = null;
    } catch (failure) {
      if (failure.name === "AbortError") {
        return;
      }
      problem = failure;
    }
    if (!closed) {
      draw();
      timer = setTimeout(load, REFRESH_MILLIS);
    }
  }

  async function backUp() {
    try {
      const { name } = await act("/api/v1/system/backups");
      formProblem = null;
      announce(`The backup ${name} is being made`);
    } catch (failure) {
      formProblem = failure;
    }
    if (!closed) {
      load();
    }
  }

  const draw = () => render(html`
    <div class="page">
      <div class="page-head">
        <h1>System</h1>
        ${system ? html`<p class="muted">${system.node}, version ${system.version}</p>` : nothing}
      </div>
      ${problem ? problemNotice(problem, load) : nothing}
      ${system === null ? (problem ? nothing : placeholderRows(6)) : whole()}
    </div>`, root);

  const whole = () => html`
    <div class="cards figures five">
      ${card("Up for", duration(seconds(system.started_at)), html`since ${fullTime(system.started_at)}`)}
      ${card("Processors in use", `${number(Math.round(system.cpu * 100))} %`, `of ${count(system.processors)}, Java ${system.java}`)}
      ${card("Store", system.store.bytes === null ? "—" : bytes(system.store.bytes), `schema ${count(system.store.schema)}`)}
      ${card("Last commit", system.store.last_commit_at ? `${duration(seconds(system.store.last_commit_at))} ago` : "none yet", "of what devices told")}
      ${card("Nodes", count(system.nodes.length), silent().length === 0 ? "all live" : `${count(silent().length)} silent`, silent().length === 0 ? "" : "bad")}
    </div>
    <p class="quiet-note mono">${system.store.engine}</p>
    <div class="columns even">
      <div class="column">${loads()}${counts()}</div>
      <div class="column">${parts()}${nodes()}${backups()}</div>
    </div>`;

  const seconds = (since) => (new Date(system.now) - new Date(since)) / 1_000;

  const silent = () => system.nodes.filter(({ seen_at: seen }) => seconds(seen) > SILENT_SECONDS);

  const card = (name, value, beside, tone = "") => html`
    <div class="card"><span class="name">${name}</span><span class="figure large ${tone}">${value}</span><span class="muted">${beside}</span></div>`;

  const loads = () => html`
    <section class="panel" aria-label="How full it is">
      <div class="panel-head"><h2>How full it is</h2></div>
      <ul class="loads">${system.loads.map(gauge)}</ul>
    </section>`;

  function gauge({ name, unit, used, capacity }) {
    const share = capacity > 0 ? Math.min(1, used / capacity) : 0;
    const text = unit === "bytes" ? `${bytes(used)} of ${bytes(capacity)}` : `${count(used)} of ${count(capacity)} ${unit}`;
    return html`
      <li data-load=${name}>
        <span>${name}</span><span class="muted figure">${text}</span>
        <svg class="meter" viewBox="0 0 100 6" preserveAspectRatio="none" role="meter" aria-label=${name} aria-valuemin="0" aria-valuemax=${capacity} aria-valuenow=${used} aria-valuetext=${text}>
          <rect class=${share > TIGHT ? "tight" : ""} width=${100 * share} height="6"></rect>
        </svg>
      </li>`;
  }

  const counts = () => html`
    <section class="panel" aria-label="Since the start">
      <div class="panel-head"><h2>Since the start</h2></div>
      <ul class="tally">${Object.entries(system.counts).map(([name, value]) => html`
        <li><b class="figure ${value > 0 && LOSSES.includes(name) ? "loss" : ""}">${count(value)}</b> <span class="muted">${COUNTS[name] ?? name}</span></li>`)}</ul>
    </section>`;

  const parts = () => html`
    <section class="panel" aria-label="Parts">
      <div class="panel-head"><h2>Parts</h2></div>
      <ul class="tally">
        ${system.components.map(({ name, problem: why }) => html`<li data-part=${name}>${status(why ? "failing" : "working")} <span>${name}</span>${why ? html`<span class="note">${why}</span>` : nothing}</li>`)}
        ${system.breakers.map(breaker)}
      </ul>
    </section>`;

  function breaker({ name, circuits }) {
    const { open = 0, half_open: trial = 0, closed: through = 0 } = circuits;
    return html`<li>${status(open > 0 ? "failing" : "working")} <span>circuits of ${name}</span>
      <span class="note">${count(through)} let calls through, ${count(open)} open, ${count(trial)} on trial</span></li>`;
  }

  const nodes = () => html`
    <section class="panel" aria-label="Nodes">
      <div class="panel-head"><h2>Nodes</h2></div>
      <ul class="tally">${system.nodes.map(({ name, started_at: started, seen_at: seen }) => html`
        <li>${status(seconds(seen) > SILENT_SECONDS ? "offline" : "online")} <span>${name}</span>${name === system.node ? html` <span class="tag">this one</span>` : nothing}
          <span class="note">started ${time(started)}, seen ${time(seen)}</span></li>`)}</ul>
    </section>`;

  const backups = () => html`
    <section class="panel" aria-label="Backups">
      <div class="panel-head">
        <h2>Backups</h2>
        ${may("superadmin") ? html`<button type="button" class="button panel-tools" ?disabled=${system.backups.running} @click=${backUp}>${system.backups.running ? "Being made" : "Make one now"}</button>` : nothing}
      </div>
      ${formProblem ? problemNotice(formProblem) : nothing}
      ${system.backups.problem ? html`<p class="form-problem">The last one was not made: ${system.backups.problem}</p>` : nothing}
      ${system.backups.files.length === 0 ? nothing : html`
        <ul class="tally">${system.backups.files.map((one) => html`
          <li data-backup=${one.name}><span class="mono">${one.name}</span> <span class="note">${bytes(one.bytes)}, ${time(one.taken_at)}</span></li>`)}</ul>`}
      <p class="quiet-note">They are in <code>${system.backups.folder}</code> on the machine of this node. Elsewhere: <code>tethral backup FILE</code>, and back with <code>tethral restore FILE</code>.</p>
    </section>`;

  document.title = "System · Tethral";
  draw();
  load();
  return {
    close() {
      closed = true;
      asking.abort();
      clearTimeout(timer);
    },
  };
}
