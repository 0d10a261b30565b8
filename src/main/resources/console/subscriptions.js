// All subscriptions: who is told of what happens, and how that fares.

import { html, nothing, render } from "./vendor/lit-html/lit-html.js";
import { count } from "./format.js";
import { listOf } from "./list.js";
import { may } from "./may.js";
import { emptyNotice, status, time } from "./parts.js";

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
  const list = listOf("/api/v1/subscriptions", {
    noun: "subscriptions", rows: ROWS, every: REFRESH_MILLIS, changed: () => draw(),
  });

  const draw = () => render(html`
    <div class="page">
      <div class="page-head"><h1>Subscriptions</h1></div>
      ${list.shown(table, none)}
    </div>`, root);

  const none = () => emptyNotice(
    "Nobody is told yet",
    `A subscription hands events to a webhook, a topic of MQTT or Kafka, and tries again until they are taken.${may("operator") ? " Add one with POST /api/v1/subscriptions." : ""}`,
    may("operator") ? html`<a class="button" href="/docs/#/subscriptions/addSubscription">Open the API page</a>` : nothing);

  const table = () => html`
    <div class="panel table-panel">
      <table class="devices subscriptions">
        <caption class="unseen">Subscriptions, by name</caption>
        <thead><tr>
          <th scope="col">Name</th><th scope="col">State</th><th scope="col">Receiver</th>
          <th scope="col" class="right">Delivered</th><th scope="col" class="right">Dead</th><th scope="col">Last delivered</th>
        </tr></thead>
        <tbody>${list.items.map(row)}</tbody>
      </table>
    </div>`;

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
  list.load();
  return list;
}
