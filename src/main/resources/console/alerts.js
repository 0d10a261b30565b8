// Alerts: what needs somebody, who looks after it, and how it ended.

import { html, nothing, render } from "./vendor/lit-html/lit-html.js";
import { act, alertPath } from "./api.js";
import { dayTime, duration, fullTime } from "./format.js";
import { listOf } from "./list.js";
import { may } from "./may.js";
import { announce, choice, emptyNotice, problemNotice, status, time } from "./parts.js";

const ROWS = 100;
const REFRESH_MILLIS = 2_000;
const KINDS = [["open", "Open"], ["resolved", "Resolved"]];
const SEVERITIES = [["", "All"], ["critical", "Critical"], ["warning", "Warning"], ["info", "Info"]];

/** Why alerts end that nobody resolved, in words. */
const ENDS = {
  cleared: "cleared", rule_changed: "the rule was changed", rule_disabled: "the rule was disabled",
  rule_removed: "the rule was removed", device_removed: "the device was removed",
  device_decommissioned: "the device was decommissioned",
};

export function alertsPage(root) {
  let kind = "open";
  let severity = "";
  let problem = null;
  let resolving = null;
  let busy = false;

  const list = listOf("/api/v1/alerts", {
    noun: "alerts", rows: ROWS, every: REFRESH_MILLIS, query: () => ({ open: kind === "open", severity }), changed: () => draw(),
  });

  function show(nextKind, nextSeverity) {
    kind = nextKind;
    severity = nextSeverity;
    list.anew();
  }

  async function ask(alert, action, body, said) {
    busy = true;
    draw();
    try {
      await act(`${alertPath(alert.id)}/${action}`, body);
      announce(said);
      resolving = null;
      busy = false;
      problem = null;
      await list.load();
    } catch (failure) {
      busy = false;
      problem = failure;
      draw();
    }
  }

  function resolve(event, alert) {
    event.preventDefault();
    const reason = new FormData(event.currentTarget).get("reason").trim();
    if (reason !== "") {
      ask(alert, "resolve", { reason }, "Resolved");
    }
  }

  function beginToResolve(alert) {
    resolving = alert.id;
    draw();
    root.querySelector(".resolving input")?.focus();
  }

  const draw = () => render(html`
    <div class="page">
      <div class="page-head">
        <h1>Alerts</h1>
        <a class="button head-end" href="#/alert-rules">Rules</a>
      </div>
      <div class="tools">
        ${choice("Which", KINDS, kind, (key) => show(key, severity))}
        ${choice("Severity", SEVERITIES, severity, (key) => show(kind, key))}
      </div>
      ${problem ? problemNotice(problem) : nothing}
      ${list.shown(table, none)}
    </div>`, root);

  const none = () => kind === "open"
    ? emptyNotice("Nothing needs you", "No alert is open. What people want to be told of is said by rules.",
      html`<a class="button" href="#/alert-rules">Rules</a>`)
    : emptyNotice("No alert has ended yet", "Those that were resolved are here, with who ended them and why.");

  const table = () => html`
    <div class="panel table-panel">
      <table class="devices alerts">
        <caption class="unseen">${kind === "open" ? "Open" : "Resolved"} alerts, newest first</caption>
        <thead><tr>
          <th scope="col">Device</th><th scope="col">Severity</th><th scope="col">What</th><th scope="col">Since</th>
          <th scope="col">${kind === "open" ? "Looked after by" : "Ended"}</th>
        </tr></thead>
        <tbody>${list.items.map(row)}</tbody>
      </table>
    </div>`;

  const row = (alert) => html`
    <tr data-alert=${alert.id}>
      <td><a class="strong" href="#/devices/${encodeURIComponent(alert.device_id)}">${alert.device_id}</a></td>
      <td>${status(alert.severity)}</td>
      <td class="values">${alert.message}${alert.acknowledgement ? html`<span class="note">${alert.acknowledgement}</span>` : nothing}</td>
      <td class="seen">${time(alert.triggered_at)}</td>
      <td class="acts">${alert.resolved_at ? ended(alert) : resolving === alert.id ? resolveForm(alert) : acts(alert)}</td>
    </tr>`;

  const acts = (alert) => html`
    ${alert.acknowledged_at
      ? html`<span class="by" title=${fullTime(alert.acknowledged_at)}>${alert.acknowledged_by}</span>`
      : !may("operator") ? html`<span class="muted">nobody yet</span>`
      : html`<button type="button" class="button" ?disabled=${busy} @click=${() => ask(alert, "acknowledge", {}, "Acknowledged")}>Acknowledge</button>`}
    ${may("operator") ? html`<button type="button" class="button" ?disabled=${busy} @click=${() => beginToResolve(alert)}>Resolve</button>` : nothing}`;

  const resolveForm = (alert) => html`
    <form class="resolving" @submit=${(event) => resolve(event, alert)}>
      <input name="reason" required maxlength="1000" aria-label="Why is it over?" placeholder="Why is it over?" autocomplete="off">
      <button class="button primary" ?disabled=${busy}>Resolve</button>
      <button type="button" class="button quiet" @click=${() => { resolving = null; draw(); }}>Cancel</button>
    </form>`;

  const ended = (alert) => html`
    <span title=${fullTime(alert.resolved_at)}>${dayTime(alert.resolved_at)}</span>
    <span class="muted">after ${duration((Date.parse(alert.resolved_at) - Date.parse(alert.triggered_at)) / 1_000)}</span>
    <span class="note">${ENDS[alert.resolution] ?? alert.resolution}, ${alert.resolved_by}</span>`;

  document.title = "Alerts · Tethral";
  draw();
  list.load();
  return list;
}
