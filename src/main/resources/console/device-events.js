// On a device's page: what happened, out of the log.

import { html, nothing } from "./vendor/lit-html/lit-html.js";
import { dayTime, flat, fullTime, value } from "./format.js";
import { listOf } from "./list.js";
import { problemNotice } from "./parts.js";

const ROWS = 8;
const ROWS_MORE = 25;
/** A stream of its own would be one more connection of the few that a browser has for a server. */
const EVERY_MILLIS = 5_000;

/**
 * @param draw draws the page
 * @param told called with the newest events each time they were asked for
 */
export function eventPanel(id, draw, told) {
  let type = "";
  const list = listOf("/api/v1/events", {
    noun: "events",
    rows: ROWS,
    every: EVERY_MILLIS,
    query: () => ({ device_id: id, ...(type === "" ? {} : { type }) }),
    changed() {
      told(list.items);
      draw();
    },
  });

  function choose(event) {
    type = event.target.value;
    list.anew();
  }

  const view = () => html`
    <section class="panel" aria-label="Events">
      <div class="panel-head"><h2>Events</h2>
        <div class="panel-tools"><label class="select"><span>Show</span>
          <select @change=${choose}>
            ${[["", "all"], ["device.*", "of its life"], ["alert.*", "alerts"], ["command.*", "commands"], ["codec.*", "its codec"]].map(([key, word]) =>
              html`<option value=${key} ?selected=${key === type}>${word}</option>`)}
          </select></label></div></div>
      ${list.problem ? problemNotice(list.problem, list.load) : nothing}
      ${list.phase === "loading" ? html`<p class="muted" role="status">Loading…</p>` : nothing}
      ${list.phase === "ready" && list.items.length === 0 ? html`<p class="quiet-note">${type === "" ? "Nothing has happened yet." : "Nothing of that kind has happened."}</p>` : nothing}
      ${list.items.length > 0 ? html`
        <table class="list stacked device-events">
          <caption class="unseen">Events of this device, newest first</caption>
          <thead><tr><th scope="col">Event</th><th scope="col">What</th><th scope="col">By</th><th scope="col" class="right">When</th></tr></thead>
          <tbody>${list.items.map((event) => html`
            <tr data-event=${event.event_id}>
              <td><span class="strong">${event.type}</span>${event.priority === "normal" || event.priority === "low" ? nothing : html` <span class="tag">${event.priority}</span>`}</td>
              <td class="what">${flat(event.data).map(([name, any]) => html`
                <span class="pair"><span class="muted">${name}</span> ${value(any)}</span>`)}</td>
              <td class="muted">${event.source}</td>
              <td class="when right figure"><time datetime=${event.timestamp} title=${fullTime(event.timestamp)}>${dayTime(event.timestamp)}</time></td>
            </tr>`)}</tbody>
        </table>` : nothing}
      ${list.next ? html`<p class="panel-more"><button type="button" class="button quiet" @click=${list.more}>Show older</button></p>` : nothing}
    </section>`;

  list.load();
  return { view, refresh: list.load, close: list.close };
}
