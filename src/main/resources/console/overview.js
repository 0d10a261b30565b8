// The fleet at a glance: what is there, how it fares, what needs somebody, and what comes in.

import { html, nothing, render } from "./vendor/lit-html/lit-html.js";
import { get } from "./api.js";
import { chart } from "./chart.js";
import { count, fullTime, number } from "./format.js";
import { ofAll } from "./may.js";
import { emptyNotice, placeholderRows, problemNotice, status, time } from "./parts.js";

const REFRESH_MILLIS = 2_000;
const ROWS = 8;
const CHART_SECONDS = 300;
const CHART_SECONDS_LEAST = 60;

export function overviewPage(root) {
  let fleet = null;
  let alerts = [];
  let events = [];
  let problem = null;
  let latency = null;
  let received = null;
  let rate = null;
  const rates = [[], []];
  let plot = null;
  let timer;
  let closed = false;

  // --- what the server has

  async function load() {
    clearTimeout(timer);
    try {
      const [stats, open, log, traffic] = await Promise.all([
        get("/api/v1/dashboard/stats"),
        get("/api/v1/dashboard/alerts", { limit: ROWS }),
        get("/api/v1/events", { limit: ROWS }),
        ofAll() ? get("/api/v1/communication/statistics") : null,
      ]);
      fleet = stats;
      alerts = open.items;
      events = log.items;
      if (traffic) {
        measure(traffic);
      }
      problem = null;
    } catch (failure) {
      problem = failure;
    }
    if (!closed) {
      draw();
      timer = setTimeout(load, REFRESH_MILLIS);
    }
  }

  /** The rate is the difference of two counts. */
  function measure({ protocols, ingest_ms: ingest }) {
    const now = performance.now();
    const total = Object.values(protocols).reduce((sum, one) => sum + one.received, 0);
    if (received) {
      rate = Math.max(0, (total - received.total) / ((now - received.at) / 1_000));
      rates[0].push(Date.now() / 1_000);
      rates[1].push(rate);
      while (rates[0][0] < Date.now() / 1_000 - CHART_SECONDS) {
        rates.forEach((column) => column.shift());
      }
    }
    received = { total, at: now };
    latency = ingest ?? null;
  }

  // --- how it looks

  function draw() {
    render(view(), root);
    const element = root.querySelector(".chart-area");
    if (!element) {
      plot?.close();
      plot = null;
      return;
    }
    if (rates[0].length > 1) {
      plot ??= chart(element, () => {}, { fromZero: true });
      const now = Date.now() / 1_000;
      plot.show(rates.map((column) => [...column]), Math.min(now - CHART_SECONDS_LEAST, Math.max(rates[0][0], now - CHART_SECONDS)), now);
    }
  }

  const view = () => html`
    <div class="page overview">
      <div class="page-head">
        <h1>Overview</h1>
        ${fleet ? html`<p class="muted" title=${fullTime(fleet.as_of)}>${problem ? "as it was " : ""}${time(fleet.as_of)}</p>` : nothing}
      </div>
      ${problem ? problemNotice(problem, load) : nothing}
      ${!fleet ? (problem ? nothing : placeholderRows(6)) : fleet.total === 0 ? none() : glance()}
    </div>`;

  const none = () => emptyNotice("No devices yet", html`Register the first one where the server runs, and give it the token that this prints:
    <code>tethral device add pump-7</code>`, html`<a class="button" href="/docs/">Or use the API</a>`);

  const glance = () => html`
    <div class="cards figures">
      ${card("Devices", count(fleet.total), unseen(), "#/devices")}
      ${card("Online", count(fleet.online), share(fleet.online), "#/devices?status=online", "good")}
      ${card("Offline", count(fleet.offline), share(fleet.offline), "#/devices?status=offline", fleet.offline > 0 ? "bad" : "")}
      ${card("Open alerts", count(fleet.active_alerts), fleet.critical_alerts > 0 ? html`${count(fleet.critical_alerts)} critical` : "none critical", "#/alerts", fleet.critical_alerts > 0 ? "bad" : "")}
      ${card("Health", fleet.average_health === null ? "—" : number(Math.round(fleet.average_health)), health(), "#/devices")}
      ${card("Messages", count(fleet.messages_last_hour), "in the last hour", "#/devices")}
    </div>
    <div class="columns">
      <div class="column">
        ${ratePanel()}
        ${alertPanel()}
      </div>
      <div class="column">${eventPanel()}</div>
    </div>`;

  const card = (name, value, beside, link, tone = "") => html`
    <a class="card" href=${link}>
      <span class="name">${name}</span>
      <span class="figure large ${tone}">${value}</span>
      <span class="muted">${beside}</span>
    </a>`;

  const share = (part) => `${Math.round((part / fleet.total) * 100)} % of all`;

  const unseen = () => {
    const never = fleet.total - fleet.online - fleet.offline;
    return never === 0 ? "all were heard of" : `${count(never)} never seen`;
  };

  const tenths = (value) => number(Math.round(value * 10) / 10);

  const health = () => fleet.average_health === null ? "nothing to judge yet" : "of 100, on average";

  function ratePanel() {
    if (!received) {
      return nothing;
    }
    return html`
      <section class="panel">
        <div class="panel-head">
          <h2>Coming in</h2>
          <p class="readout">${rate === null ? nothing : html`<b class="figure">${tenths(rate)}</b> <span class="muted">messages a second</span>`}</p>
          ${latency && latency.p99 !== undefined ? html`<p class="muted figure panel-tools">answered in ${tenths(latency.p50)} ms, 99 % within ${tenths(latency.p99)} ms</p>` : nothing}
        </div>
        <div class="chart">
          <div class="chart-area" data-points=${rates[0].length}></div>
          ${rates[0].length < 2 ? html`<p class="chart-empty">The rate shows in a moment.</p>` : nothing}
        </div>
      </section>`;
  }

  const alertPanel = () => html`
    <section class="panel">
      <div class="panel-head"><h2>Open alerts</h2>${fleet.active_alerts > alerts.length ? html`<a class="panel-tools muted" href="#/alerts">all ${count(fleet.active_alerts)}</a>` : nothing}</div>
      ${alerts.length === 0 ? html`<p class="quiet-note">Nothing needs you. What people want to be told of is said by <a href="#/alert-rules">rules</a>.</p>` : html`
        <ul class="lines">
          ${alerts.map((alert) => html`
            <li data-alert=${alert.id}>
              ${status(alert.severity)}
              <a class="strong" href="#/devices/${encodeURIComponent(alert.device_id)}">${alert.device_name}</a>
              <span class="what">${alert.message}</span>
              <span class="muted when">${time(alert.triggered_at)}</span>
            </li>`)}
        </ul>`}
    </section>`;

  const eventPanel = () => html`
    <section class="panel">
      <div class="panel-head"><h2>Newest events</h2></div>
      ${events.length === 0 ? html`<p class="quiet-note">Nothing has happened yet.</p>` : html`
        <ul class="lines narrow-lines">
          ${events.map((event) => html`
            <li data-event=${event.event_id}>
              <span class="strong">${event.type}</span>
              ${event.device_id ? html`<a class="what" href="#/devices/${encodeURIComponent(event.device_id)}">${event.device_id}</a>` : html`<span class="what muted">${event.source}</span>`}
              <span class="muted when">${time(event.timestamp)}</span>
            </li>`)}
        </ul>`}
    </section>`;

  document.title = "Overview · Tethral";
  draw();
  load();
  return {
    close() {
      closed = true;
      clearTimeout(timer);
      plot?.close();
    },
  };
}
