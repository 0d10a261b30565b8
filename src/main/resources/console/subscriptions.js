// All subscriptions: who is told of what happens, and how that fares.

import { html, nothing, render } from "./vendor/lit-html/lit-html.js";
import { get } from "./api.js";
import { count } from "./format.js";
import { announce, emptyNotice, placeholderRows, problemNotice, status, time } from "./parts.js";

const ROWS = 100;
const REFRESH_MILLIS = 2_000;

/** Which events it wants, in a few words. */
export function interest(subscription) {
  const parts = [subscription.event_types.length === 0 ? "all events" : subscription.event_types.join(", ")];
  if (subscription.device_id) {
    parts.push(`of ${subscription.device_id}`);
  }
  if (subscription.sources.length > 0) {
    parts.push(`from ${subscription.sources.join(", ")}`);
  }
  if (subscription.priority !== "low") {
    parts.push(`${subscription.priority} or higher`);
  }
  if (subscription.filter !== "") {
    parts.push(`where ${subscription.filter}`);
  }
  return parts.join(" ");
}

export function receiver({ kind, ...settings }) {
  const where = settings.url ?? settings.topic ?? "";
  return where === "" ? kind : `${kind} ${where}`;
}

export function subscriptionsPage(root) {
  let items = [];
  let next = null;
  let phase = "loading";
  let problem = null;
  let timer;
  let closed = false;

  async function load() {
    clearTimeout(timer);
    try {
      const page = await get("/api/v1/subscriptions", { limit: Math.max(ROWS, items.length) });
      ({ items, next_cursor: next } = page);
      phase = "ready";
      problem = null;
    } catch (failure) {
      problem = failure;
      phase = items.length > 0 ? "ready" : "failed";
    }
    if (!closed) {
      draw();
      timer = setTimeout(load, REFRESH_MILLIS);
    }
  }

  async function more() {
    const page = await get("/api/v1/subscriptions", { limit: ROWS, cursor: next });
    items = [...items, ...page.items];
    next = page.next_cursor;
    announce(`${count(items.length)} subscriptions are shown`);
    draw();
  }

  const draw = () => render(html`
    <div class="page">
      <div class="page-head"><h1>Subscriptions</h1></div>
      ${problem ? problemNotice(problem, load) : nothing}
      ${phase === "loading" ? placeholderRows(4) : nothing}
      ${phase === "ready" && items.length === 0 ? none() : nothing}
      ${items.length > 0 ? table() : nothing}
    </div>`, root);

  const none = () => emptyNotice(
    "Nobody is told yet",
    "A subscription hands events to a webhook, a topic of MQTT or Kafka, and tries again until they are taken. Add one with POST /api/v1/subscriptions.",
    html`<a class="button" href="/docs/#/subscriptions/addSubscription">Open the API page</a>`);

  const table = () => html`
    <div class="panel table-panel">
      <table class="devices subscriptions">
        <caption class="unseen">Subscriptions, by name</caption>
        <thead><tr>
          <th scope="col">Name</th><th scope="col">State</th><th scope="col">Receiver</th>
          <th scope="col" class="right">Delivered</th><th scope="col" class="right">Dead</th><th scope="col">Last delivered</th>
        </tr></thead>
        <tbody>${items.map(row)}</tbody>
      </table>
    </div>
    ${next ? html`<div class="more"><button type="button" class="button" @click=${more}>Show more</button></div>` : nothing}`;

  const row = (one) => html`
    <tr data-subscription=${one.subscription_id}>
      <td class="device">
        <a href="#/subscriptions/${encodeURIComponent(one.subscription_id)}">${one.subscription_id}</a>
        <span class="id">${interest(one)}</span>
      </td>
      <td>${status(one.state)}</td>
      <td class="values">${receiver(one.sink)}</td>
      <td class="right figure">${count(one.delivered)}</td>
      <td class="right figure">${one.dead > 0 ? html`<strong>${count(one.dead)}</strong>` : count(one.dead)}</td>
      <td class="seen">${time(one.last_delivered_at)}</td>
    </tr>`;

  document.title = "Subscriptions · Tethral";
  draw();
  load();
  return {
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
