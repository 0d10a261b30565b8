// One subscription: what became of its events, and what can be done about those that did not get through.

import { html, nothing, render } from "./vendor/lit-html/lit-html.js";
import { act, get, subscriptionPath } from "./api.js";
import { count, dayTime, fullTime } from "./format.js";
import { may } from "./may.js";
import { announce, choice, placeholderRows, problemNotice, status, time } from "./parts.js";
import { interest, receiver } from "./subscriptions.js";

const ROWS = 50;
const REFRESH_MILLIS = 2_000;
const KINDS = [["dead", "Dead letters"], ["retrying", "Retrying"], ["delivered", "Delivered late"], ["expired", "Expired"]];

export function subscriptionPage(root, id) {
  let subscription = null;
  let statistics = null;
  let deliveries = [];
  let kind = "dead";
  let problem = null;
  let busy = false;
  let timer;
  let closed = false;

  async function load() {
    clearTimeout(timer);
    try {
      const asked = kind;
      const [one, numbers, page] = await Promise.all([
        get(subscriptionPath(id)),
        get(`${subscriptionPath(id)}/statistics`),
        get(`${subscriptionPath(id)}/deliveries`, { status: asked, limit: ROWS }),
      ]);
      subscription = one;
      statistics = numbers;
      deliveries = asked === kind ? page.items : deliveries;
      problem = null;
    } catch (failure) {
      problem = failure;
    }
    if (!closed) {
      draw();
      timer = setTimeout(load, REFRESH_MILLIS);
    }
  }

  async function ask(action, body, said) {
    busy = true;
    draw();
    try {
      await act(`${subscriptionPath(id)}/${action}`, body);
      announce(said);
    } catch (failure) {
      busy = false;
      problem = failure;
      draw();
      return;
    }
    busy = false;
    load();
  }

  function show(next) {
    kind = next;
    deliveries = [];
    load();
  }

  const draw = () => render(html`
    <div class="page">
      <nav class="crumbs" aria-label="Breadcrumb"><a href="#/subscriptions">Subscriptions</a><span aria-hidden="true">/</span><span aria-current="page">${id}</span></nav>
      ${problem ? problemNotice(problem, load) : nothing}
      ${subscription ? view() : html`<h1>${id}</h1>${problem ? nothing : placeholderRows(4)}`}
    </div>`, root);

  const view = () => html`
    <div class="device-head">
      <div><h1>${subscription.subscription_id}</h1><p class="id">${interest(subscription)} → ${receiver(subscription.sink)}</p></div>
      <dl class="vitals">
        <div><dt>State</dt><dd>${status(subscription.state)}</dd></div>
        <div><dt>Last delivered</dt><dd>${time(subscription.last_delivered_at)}</dd></div>
        <div><dt>Node</dt><dd>${subscription.node ?? "none"}</dd></div>
      </dl>
    </div>
    ${subscription.failing_since ? failing() : nothing}
    <div class="cards" role="group" aria-label="What became of events">
      ${figure("Delivered", subscription.delivered)}
      ${figure("Failed attempts", subscription.failed_attempts)}
      ${figure("Dead", subscription.dead)}
      ${figure("Expired", subscription.expired)}
      ${figure("Behind by", statistics.behind)}
    </div>
    <section class="panel" aria-label="Deliveries">
      <div class="panel-head">
        <h2>Deliveries</h2>
        <div class="panel-tools">
          ${choice("Which", KINDS.map(([key, text]) => [key, text, count(statistics.rows[key])]), kind, show)}
          ${may("operator") ? html`
            <button type="button" class="button" ?disabled=${busy} @click=${toggle}>${subscription.active ? "Pause" : "Resume"}</button>
            <button type="button" class="button primary" ?disabled=${busy || statistics.rows.dead === 0}
              @click=${() => ask("redrive", undefined, "Dead letters are sent again")}>Send dead letters again</button>` : nothing}
        </div>
      </div>
      ${deliveries.length === 0 ? html`<p class="quiet-note">${EMPTY[kind]}</p>` : table()}
    </section>`;

  const toggle = () => subscription.active
    ? ask("pause", undefined, "Paused")
    : ask("resume", undefined, "Resumed");

  const failing = () => html`
    <div class="notice bad" role="status">
      <strong>The receiver takes nothing since ${dayTime(subscription.failing_since)}</strong>
      <p>${subscription.last_error ?? "It does not say why."} It is tried again by itself; nothing is lost meanwhile.</p>
    </div>`;

  const figure = (name, value) => html`
    <div class="card"><span class="name">${name}</span><span class="figure large">${count(value)}</span></div>`;

  const EMPTY = {
    dead: "No dead letters: every event was taken, or is still on its way.",
    retrying: "Nothing waits for another attempt.",
    delivered: "Every event was taken at the first attempt.",
    expired: "No event came too late.",
  };

  const table = () => html`
    <table class="list deliveries">
      <caption class="unseen">Deliveries, newest event first</caption>
      <thead><tr><th scope="col">Event</th><th scope="col">Status</th><th scope="col" class="right">Attempts</th><th scope="col">Last error</th><th scope="col" class="right">When</th></tr></thead>
      <tbody>${deliveries.map((one) => html`
        <tr>
          <td>${one.event_id} <span class="muted figure">#${one.sequence}</span></td>
          <td>${status(one.status)}</td>
          <td class="right figure">${count(one.attempts)}</td>
          <td>${one.last_error ?? html`<span class="muted">—</span>`}</td>
          <td class="right figure"><time datetime=${one.updated_at} title=${fullTime(one.updated_at)}>${dayTime(one.updated_at)}</time></td>
        </tr>`)}</tbody>
    </table>`;

  document.title = `${id} · Tethral`;
  draw();
  load();
  return {
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
