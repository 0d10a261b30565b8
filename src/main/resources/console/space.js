// One space: what it is and why, who booked it, what its display was told, and which devices serve it.

import { html, nothing, render } from "./vendor/lit-html/lit-html.js";
import { act, followEvents, get, remove } from "./api.js";
import { ago, dayTime, fullTime } from "./format.js";
import { may } from "./may.js";
import { announce, emptyNotice, paced, placeholderRows, problemNotice, status } from "./parts.js";
import { all, deviceOptions, place, spacePath, spaceStatus } from "./space-parts.js";

const ROWS = 20;
const REFRESH_MILLIS = 500;
const LOOK_MILLIS = 5_000;
const HOURS = [["", "until I take it back"], ["1", "for an hour"], ["4", "for 4 hours"], ["24", "for a day"]];
const TRIGGERS = {
  sensor_uplink: "its sensor", api_reservation: "a reservation", manual_override: "by hand",
  system_cleanup: "the platform", reservation_expired: "the end of a reservation",
};
const BLOCKING = new Set(["pending", "confirmed", "active"]);

export function spacePage(root, id) {
  const path = spacePath(id);
  let space = null;
  let locations = [];
  let reservations = [];
  let actuations = [];
  let assignments = [];
  let devices = null;
  let swapping = null;
  let booking = false;
  let problem = null;
  let formProblem = null;
  let busy = false;
  let closed = false;

  const refresh = paced(load, REFRESH_MILLIS);

  async function load() {
    try {
      const [now, places, booked, told, served] = await Promise.all([
        get(path),
        all("/api/v1/locations"),
        get("/api/v1/reservations", { space_id: id, from: new Date(Date.now() - 86_400_000).toISOString(), limit: ROWS }),
        get("/api/v1/actuations", { space_id: id, limit: ROWS }),
        get(`${path}/assignments`, { limit: ROWS }),
      ]);
      space = now;
      locations = places.items;
      reservations = booked.items;
      actuations = told.items;
      assignments = served.items;
      problem = null;
      document.title = `${space.name} · Tethral`;
    } catch (failure) {
      problem = failure;
    }
    if (!closed) {
      draw();
    }
  }

  // what happens to it is told as it is committed; how far its display is, is looked for
  const unfollow = followEvents({ filter: `space_id = '${id}'` }, refresh);
  const looking = setInterval(refresh, LOOK_MILLIS);

  async function ask(action, said) {
    busy = true;
    draw();
    try {
      await action();
      formProblem = null;
      announce(said);
      await load();
    } catch (failure) {
      formProblem = failure;
    }
    busy = false;
    if (!closed) {
      draw();
    }
  }

  const fields = (event) => {
    event.preventDefault();
    return Object.fromEntries(new FormData(event.target));
  };

  function override(event) {
    const { state, hours } = fields(event);
    ask(() => act(`${path}/override`, { state, ...(hours === "" ? {} : { for_seconds: Number(hours) * 3_600 }) }), `It is ${state}, by hand`);
  }

  const takeBack = () => ask(() => remove(`${path}/override`), "The override is taken back");

  const maintain = () => ask(() => act(`${path}/maintenance`, { maintenance: !space.maintenance }),
    space.maintenance ? "It is in service again" : "It is in maintenance");

  function book(event) {
    const { starts_at, ends_at, holder } = fields(event);
    const time = (text) => new Date(text).toISOString();
    ask(async () => {
      await act("/api/v1/reservations", {
        space_id: id, ends_at: time(ends_at), ...(starts_at === "" ? {} : { starts_at: time(starts_at) }),
        ...(holder.trim() === "" ? {} : { holder: holder.trim() }), request_id: `console-${crypto.randomUUID?.() ?? Math.random()}`,
      });
      booking = false;
    }, "It is booked");
  }

  const cancel = (one) => ask(() => act(`/api/v1/reservations/${one.id}/cancel`), "The reservation is cancelled");

  async function beginToSwap(part) {
    swapping = part;
    formProblem = null;
    devices = null;
    draw();
    try {
      devices = (await (part === "sensor" ? all("/api/v1/sensors", { orphans: true, community_id: space.community_id }) : all("/api/v1/displays", { community_id: space.community_id }))).items;
    } catch (failure) {
      formProblem = failure;
    }
    if (!closed) {
      draw();
      root.querySelector(".swap select")?.focus();
    }
  }

  function swap(event, part) {
    const { device_id, reason } = fields(event);
    ask(async () => {
      await act(`${path}/assign`, { part, device_id: device_id === "" ? null : device_id, ...(reason.trim() === "" ? {} : { reason: reason.trim() }) });
      swapping = null;
    }, `The ${part} is ${device_id === "" ? "taken away" : device_id}`);
  }

  // --- how it looks

  const draw = () => render(view(), root);

  const crumbs = (name) => html`
    <nav class="crumbs" aria-label="Breadcrumb"><a href="#/spaces">Spaces</a><span aria-hidden="true">/</span>
      ${space?.location_id ? html`<a href="#/spaces?location=${space.location_id}">${place(locations, space.location_id)}</a><span aria-hidden="true">/</span>` : nothing}
      <span aria-current="page">${name}</span></nav>`;

  function view() {
    if (problem && (problem.status === 404 || problem.status === 400)) {
      return html`<div class="page">${emptyNotice("No such space", html`There is no space <code>${id}</code>.`, html`<a class="button" href="#/spaces">All spaces</a>`)}</div>`;
    }
    if (!space) {
      return html`<div class="page">${crumbs(id)}${problem ? problemNotice(problem, load) : placeholderRows(5)}</div>`;
    }
    return html`
      <div class="page">
        ${crumbs(space.code)}
        <div class="device-head">
          <div><h1>${space.name}</h1>${space.name === space.code ? nothing : html`<p class="id">${space.code}</p>`}</div>
          <dl class="vitals">
            <div><dt>Is</dt><dd>${spaceStatus(space.state)} <span class="muted" title=${fullTime(space.state_since)}>${ago(space.state_since)}</span></dd></div>
            <div><dt>Sensor says</dt><dd>${spaceStatus(space.sensor_state)}</dd></div>
            <div><dt>Display shows</dt><dd>${spaceStatus(space.display_state)}</dd></div>
          </dl>
        </div>
        ${problem ? problemNotice(problem, load) : nothing}
        ${formProblem ? problemNotice(formProblem) : nothing}
        <div class="columns">
          <div class="column">${bookings()}${history()}</div>
          <div class="column">${byHand()}${servants()}</div>
        </div>
      </div>`;
  }

  const byHand = () => html`
    <section class="panel" aria-label="By hand">
      <div class="panel-head"><h2>By hand</h2>${space.maintenance ? spaceStatus("maintenance") : nothing}</div>
      ${space.override
        ? html`<p>Said to be ${spaceStatus(space.override.state)} by ${space.override.by.replace(/^user:/, "")}${space.override.until ? html` until ${dayTime(space.override.until)}` : nothing}.</p>`
        : html`<p class="quiet-note">What people say goes before reservations and the sensor; maintenance before everything.</p>`}
      ${may("operator") ? html`
        <form class="by-hand" @submit=${override} aria-label="Override">
          <select name="state" aria-label="State">${["free", "occupied", "reserved"].map((state) => html`<option value=${state}>${state}</option>`)}</select>
          <select name="hours" aria-label="For how long">${HOURS.map(([hours, text]) => html`<option value=${hours}>${text}</option>`)}</select>
          <button class="button" ?disabled=${busy}>Override</button>
          ${space.override ? html`<button type="button" class="button" ?disabled=${busy} @click=${takeBack}>Take it back</button>` : nothing}
        </form>
        <div class="form-acts"><button type="button" class="button" ?disabled=${busy} @click=${maintain}>${space.maintenance ? "Back in service" : "Put in maintenance"}</button></div>` : nothing}
    </section>`;

  const bookings = () => html`
    <section class="panel" aria-label="Reservations">
      <div class="panel-head">
        <h2>Reservations</h2>
        ${may("operator") && !booking ? html`<div class="panel-tools"><button type="button" class="button" @click=${() => { booking = true; draw(); }}>Reserve</button></div>` : nothing}
      </div>
      ${booking ? bookingForm() : nothing}
      ${reservations.length === 0 ? html`<p class="quiet-note">Nobody has booked it, today or later.</p>` : html`
        <table class="list bookings">
          <caption class="unseen">Reservations since yesterday, by their beginning</caption>
          <thead><tr><th scope="col">From</th><th scope="col">To</th><th scope="col">Status</th><th scope="col">Holder</th><th scope="col"><span class="unseen">What can be done</span></th></tr></thead>
          <tbody>${reservations.map((one) => html`
            <tr data-reservation=${one.id}>
              <td class="figure">${dayTime(one.starts_at)}</td>
              <td class="figure">${dayTime(one.ends_at)}</td>
              <td>${status(one.status)}</td>
              <td>${one.holder.replace(/^user:/, "")}</td>
              <td class="right">${BLOCKING.has(one.status) && may("operator") ? html`<button type="button" class="button small" ?disabled=${busy} @click=${() => cancel(one)}>Cancel</button>` : nothing}</td>
            </tr>`)}</tbody>
        </table>`}
    </section>`;

  const bookingForm = () => html`
    <form class="rule-form booking" @submit=${book} aria-label="New reservation">
      <div class="fields wide">
        <label class="field"><span>From</span><input type="datetime-local" name="starts_at" aria-describedby="now"></label>
        <label class="field"><span>To</span><input type="datetime-local" name="ends_at" required></label>
        <label class="field"><span>For whom</span><input name="holder" maxlength="255" autocomplete="off" placeholder="yourself"></label>
      </div>
      <p class="muted" id="now">Without a beginning it begins now. It ends by itself.</p>
      <div class="form-acts">
        <button class="button primary" ?disabled=${busy}>Book it</button>
        <button type="button" class="button quiet" @click=${() => { booking = false; formProblem = null; draw(); }}>Not now</button>
      </div>
    </form>`;

  const history = () => html`
    <section class="panel" aria-label="History">
      <div class="panel-head"><h2>What it became, and what its display was told</h2></div>
      ${actuations.length === 0 ? html`<p class="quiet-note">Nothing has happened to it yet.</p>` : html`
        <table class="list told">
          <caption class="unseen">Changes, newest first</caption>
          <thead><tr><th scope="col">Became</th><th scope="col">Because of</th><th scope="col">Display</th><th scope="col" class="right">Took</th><th scope="col" class="right">When</th></tr></thead>
          <tbody>${actuations.map((one) => html`
            <tr data-actuation=${one.id}>
              <td>${spaceStatus(one.new_state)}</td>
              <td>${TRIGGERS[one.trigger_type] ?? one.trigger_type}<span class="note">${one.trigger_source}</span></td>
              <td>${one.status === "none" ? html`<span class="muted">none</span>` : status(one.status)}${one.error ? html`<span class="note">${one.error}</span>` : nothing}</td>
              <td class="right figure">${one.response_time_ms === null ? html`<span class="muted">—</span>` : html`${one.response_time_ms} ms`}</td>
              <td class="right figure"><time datetime=${one.created_at} title=${fullTime(one.created_at)}>${dayTime(one.created_at)}</time></td>
            </tr>`)}</tbody>
        </table>`}
    </section>`;

  const servants = () => html`
    <section class="panel" aria-label="Devices">
      <div class="panel-head"><h2>Devices</h2></div>
      ${servant("sensor", space.sensor_device_id)}
      ${servant("display", space.display_device_id)}
      ${assignments.length === 0 ? nothing : html`
        <ul class="lines narrow-lines">${assignments.map((one) => html`
          <li>
            <span><a class="strong" href="#/devices/${encodeURIComponent(one.device_id)}">${one.device_id}</a> <span class="muted">${one.part}</span></span>
            <span class="muted when">${dayTime(one.assigned_at)}</span>
            <span class="what">${[one.reason, one.unassigned_at ? `until ${dayTime(one.unassigned_at)}` : "serves it now", one.unassign_reason].filter(Boolean).join(" · ")}</span>
          </li>`)}</ul>`}
    </section>`;

  const servant = (part, device) => html`
    <div class="servant">
      <span class="muted">${part === "sensor" ? "Sensor" : "Display"}</span>
      ${device ? html`<a class="strong" href="#/devices/${encodeURIComponent(device)}">${device}</a>` : html`<span class="muted">none</span>`}
      ${may("operator") && swapping !== part ? html`<button type="button" class="button small" @click=${() => beginToSwap(part)}>${device ? "Swap" : "Assign"}</button>` : nothing}
    </div>
    ${swapping === part ? html`
      <form class="swap rule-form" @submit=${(event) => swap(event, part)} aria-label="Another ${part}">
        <label class="field"><span>From now on</span><select name="device_id" ?disabled=${devices === null}>${deviceOptions(devices ?? [], device)}</select></label>
        <label class="field"><span>Why</span><input name="reason" maxlength="255" autocomplete="off" placeholder="battery is empty"></label>
        <div class="form-acts">
          <button class="button primary" ?disabled=${busy || devices === null}>Assign</button>
          <button type="button" class="button quiet" @click=${() => { swapping = null; formProblem = null; draw(); }}>Not now</button>
        </div>
      </form>` : nothing}`;

  draw();
  load();
  return {
    close() {
      closed = true;
      unfollow();
      clearInterval(looking);
      refresh.stop();
    },
  };
}
