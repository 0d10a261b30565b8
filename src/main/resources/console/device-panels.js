// The parts of a device's page that only show.

import { html, nothing } from "./vendor/lit-html/lit-html.js";
import { dayTime, duration, flat, fullTime, value } from "./format.js";
import { shape, status } from "./parts.js";
import { spans, state as word, timeline } from "./timeline.js";

const FRESH_MILLIS = 1_200;

/** The newest values; those with a chart are buttons that choose it. */
export function valueCards(reported, metrics, chosen, fresh, choose) {
  const all = flat(reported);
  if (all.length === 0) {
    return html`<p class="panel quiet-note">This device has not reported any value yet.</p>`;
  }
  const now = performance.now();
  return html`
    <div class="cards" role="group" aria-label="Newest values">
      ${all.map(([name, any]) => {
        const is = now - (fresh.get(name) ?? -Infinity) < FRESH_MILLIS ? "fresh" : "";
        const inside = html`<span class="name">${name}</span><span class="figure ${typeof any === "number" ? "large" : ""}">${value(any)}</span>`;
        return metrics.includes(name)
          ? html`<button type="button" class="card ${is}" data-value=${name} aria-pressed=${name === chosen} @click=${() => choose(name)}>${inside}</button>`
          : html`<div class="card ${is}" data-value=${name}>${inside}</div>`;
      })}
    </div>`;
}

/**
 * @param changes until the end of the span, newest first, and whether there is a `next` part of them
 * @param since when the device was registered
 */
export function statePanel(state, changes, since, { from, to, live }, range, older) {
  const oldest = changes.items.length === 0 ? null : Date.parse(changes.items.at(-1).timestamp);
  const known = changes.next !== null && oldest > from ? oldest : Math.max(from, since);
  const last = live || changes.items.length === 0 ? state.current_state : changes.items[0].to_state;
  const all = known < to ? spans(changes.items, last, known, to) : [];
  return html`
    <section class="panel" aria-label="State">
      <div class="panel-head"><h2>State</h2><p class="muted">${live ? `last ${range}` : `${dayTime(from)} to ${dayTime(to)}`}</p></div>
      ${timeline(all, from, to)}
      ${known > Math.max(from, since) ? html`<p class="quiet-note">There were more changes than are drawn. Choose a shorter time, or go back.</p>` : nothing}
      <table class="list changes">
        <caption class="unseen">Changes of state, newest first</caption>
        <thead><tr><th scope="col">Change</th><th scope="col">Reason</th><th scope="col">By</th><th scope="col" class="right">When</th></tr></thead>
        <tbody>
          ${changes.items.length === 0 ? html`<tr><td colspan="4" class="muted">${live ? "The state has not changed yet." : "The state had not changed by then."}</td></tr>` : nothing}
          ${changes.items.slice(0, Math.max(8, changes.shown ?? 0)).map((change) => html`
            <tr>
              <td class="change">${word(change.from_state)} <span class="muted" aria-label="to">→</span> ${word(change.to_state)}</td>
              ${cell("reason", change.reason)}
              <td class="by muted">${change.actor}</td>
              <td class="when right figure"><time datetime=${change.timestamp} title=${fullTime(change.timestamp)}>${dayTime(change.timestamp)}</time></td>
            </tr>`)}
        </tbody>
      </table>
      ${more(changes, 8, older)}
    </section>`;
}

/** A cell that may have nothing to say. */
const cell = (kind, text) => text === null || text === ""
  ? html`<td class="${kind} nothing muted">—</td>`
  : html`<td class=${kind}>${text}</td>`;

/** Shows more of what is here already, then asks for older ones. */
function more(list, first, older) {
  const shown = Math.max(first, list.shown ?? 0);
  if (shown >= list.items.length && !list.next) {
    return nothing;
  }
  const show = () => {
    list.shown = shown + 25;
    if (list.shown > list.items.length && list.next) {
      older();
    }
  };
  return html`<p class="panel-more"><button type="button" class="button quiet" @click=${show}>Show older</button></p>`;
}

/**
 * What is wanted beside what is: only names of which something is wanted, in their order, as databases differ in theirs.
 *
 * @param edit changes what is wanted; null: one may not
 */
export function deltaPanel(state, edit) {
  const wanted = flat(state.desired).sort(([one], [other]) => (one < other ? -1 : 1));
  const reported = Object.fromEntries(flat(state.reported));
  const same = (name, any) => JSON.stringify(reported[name]) === JSON.stringify(any);
  const waiting = wanted.filter(([name, any]) => !same(name, any)).length;
  return html`
    <section class="panel" aria-label="Desired and reported">
      <div class="panel-head">
        <h2>Desired</h2>
        ${wanted.length === 0 ? nothing : html`<p class="muted">${waiting === 0 ? "all in step" : `${waiting} of ${wanted.length} waiting`}</p>`}
        ${editButton(edit, "Edit what is wanted")}
      </div>
      ${wanted.length === 0 ? html`<p class="quiet-note">Nothing is wanted of this device. What the device did not take over yet is shown here.</p>` : html`
        <table class="list deltas">
          <caption class="unseen">Desired values and what the device reported</caption>
          <thead><tr><th scope="col">Name</th><th scope="col">Desired</th><th scope="col">Reported</th><th scope="col">Delta</th></tr></thead>
          <tbody>
            ${wanted.map(([name, any]) => html`
              <tr class=${same(name, any) ? "" : "differs"}>
                <td>${name}</td>
                <td class="figure">${value(any)}</td>
                <td class="figure">${value(reported[name])}</td>
                <td>${same(name, any)
                  ? html`<span class="status good">${shape("online")}in step</span>`
                  : html`<span class="status warn">${shape("timeout")}waiting</span>`}</td>
              </tr>`)}
          </tbody>
        </table>`}
      <p class="muted figure note">version ${state.desired_version} · reported ${state.reported_version}</p>
    </section>`;
}

const editButton = (edit, name) => edit === null ? nothing : html`
  <div class="panel-tools"><button type="button" class="button small" aria-label=${name} @click=${edit}>Edit</button></div>`;

/** How it is set up; nothing where that is neither known nor to be changed. */
export function configurationPanel(state, edit) {
  const all = flat(state.configuration);
  if (all.length === 0 && edit === null) {
    return nothing;
  }
  return html`
    <section class="panel" aria-label="Configuration">
      <div class="panel-head"><h2>Configuration</h2>${editButton(edit, "Edit the configuration")}</div>
      ${all.length === 0 ? html`<p class="quiet-note">It has none of its own.</p>` : html`
        <dl class="facts">${all.map(([name, any]) => html`<div><dt>${name}</dt><dd>${value(any)}</dd></div>`)}</dl>`}
    </section>`;
}

export function factsPanel(device) {
  const facts = [
    ["Type", device.device_type], ["Manufacturer", device.manufacturer], ["Model", device.model],
    ["Firmware", device.firmware_version], ["Protocol", device.protocol],
    ["Capabilities", device.capabilities.join(", ")], ["Address", device.location.address],
    ["Place", device.location.lat === undefined ? "" : `${device.location.lat}, ${device.location.lon}`],
    ["Registered", dayTime(device.created_at)],
    ...flat(device.metadata).map(([name, any]) => [name, value(any)]),
  ].filter(([, text]) => text !== null && text !== undefined && text !== "");
  return html`
    <section class="panel" aria-label="About">
      <div class="panel-head"><h2>About</h2></div>
      <dl class="facts">${facts.map(([name, text]) => html`<div><dt>${name}</dt><dd>${text}</dd></div>`)}</dl>
    </section>`;
}

export const connectionPanel = (connections, older) => html`
  <section class="panel" aria-label="Connections">
    <div class="panel-head"><h2>Connections</h2></div>
    <table class="list connections">
      <caption class="unseen">Connections, newest first</caption>
      <thead><tr><th scope="col">Event</th><th scope="col">Protocol</th><th scope="col">From</th><th scope="col">Reason</th>
        <th scope="col" class="right">Lasted</th><th scope="col" class="right">When</th></tr></thead>
      <tbody>
        ${connections.items.length === 0 ? html`<tr><td colspan="6" class="muted">It has never been connected. (HTTP devices hold no connection.)</td></tr>` : nothing}
        ${connections.items.slice(0, Math.max(8, connections.shown ?? 0)).map((entry) => html`
          <tr>
            <td>${status(entry.event)}</td>
            <td>${entry.protocol}</td>
            ${cell("figure", entry.remote_address)}
            ${cell("reason", entry.reason)}
            ${cell("right figure lasted", entry.session_seconds === null ? null : duration(entry.session_seconds))}
            <td class="when right figure"><time datetime=${entry.timestamp} title=${fullTime(entry.timestamp)}>${dayTime(entry.timestamp)}</time></td>
          </tr>`)}
      </tbody>
    </table>
    ${more(connections, 8, older)}
  </section>`;
