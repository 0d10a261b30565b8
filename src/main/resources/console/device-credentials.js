// On a device's page: with what it proves who it is, for those who may change that.

import { html, nothing } from "./vendor/lit-html/lit-html.js";
import { act, get, remove } from "./api.js";
import { connectCommands } from "./connect.js";
import { acts, dialog } from "./dialog.js";
import { dayTime, fullTime } from "./format.js";
import { may } from "./may.js";
import { announce, problemNotice, status, time } from "./parts.js";

const KINDS = { token: "Token", password: "User name and password", x509: "Certificate", psk: "Shared key (DTLS)" };
const OVERLAPS = { 0: "ends at once", 3_600: "stays good for an hour", 86_400: "stays good for a day", 604_800: "stays good for a week" };
const LIVES = { "": "for ever", 1: "for a day", 30: "for 30 days", 365: "for a year" };
const DAY_MILLIS = 86_400_000;

/** Where one stands in its life: also the word that is shown. */
function phase({ revoked_at: revoked, not_before: from, not_after: until }, now) {
  if (revoked !== null) {
    return "revoked";
  }
  if (until !== null && Date.parse(until) <= now) {
    return "over";
  }
  if (Date.parse(from) > now) {
    return "not yet";
  }
  return until === null ? "valid" : "ending";
}

/** @param draw draws the page */
export function credentialPanel(id, draw) {
  let items = null;
  let problem = null;
  let former = false;
  let closed = false;

  async function load() {
    if (!may("operator")) {
      return;
    }
    try {
      items = (await get("/api/v1/credentials", { device_id: id })).items;
      problem = null;
    } catch (failure) {
      problem = failure;
    }
    if (!closed) {
      draw();
    }
  }

  const name = (one) => `${KINDS[one.type]}${one.identity ? ` ${one.identity}` : ""}`;

  // --- what is done with them

  function add() {
    let type = "token";
    dialog("Add a credential", (control) => html`
      <form class="rule-form" @submit=${(event) => {
        event.preventDefault();
        const body = wanted(type, Object.fromEntries(new FormData(event.target)));
        control.ask(async () => {
          const added = await act("/api/v1/credentials", { device_id: id, type, ...body });
          await load();
          control.close();
          await shown(added, `The ${KINDS[type].toLowerCase()} of ${id}`);
        });
      }}>
        <div class="fields wide">
          <label class="field"><span>Kind</span><select name="type" @change=${(event) => { type = event.target.value; control.draw(); }}>
            ${Object.entries(KINDS).map(([key, text]) => html`<option value=${key} ?selected=${key === type}>${text}</option>`)}</select></label>
          <label class="field"><span>Good</span><select name="days">
            ${Object.entries(LIVES).map(([key, text]) => html`<option value=${key} ?selected=${key === ""}>${text}</option>`)}</select></label>
        </div>
        ${FIELDS[type](id)}
        ${acts(control, type === "x509" ? "Add it" : "Add it and show it")}
      </form>`);
  }

  function rotate(one) {
    dialog(`Rotate ${name(one)}`, (control) => html`
      <form class="rule-form" @submit=${(event) => {
        event.preventDefault();
        const { overlap } = Object.fromEntries(new FormData(event.target));
        control.ask(() => replaced(one, Number(overlap), control));
      }}>
        <p>A new one is made and shown. Give it to the device before the present one ends.</p>
        <label class="field"><span>The present one</span><select name="overlap">
          ${Object.entries(OVERLAPS).map(([seconds, text]) => html`<option value=${seconds} ?selected=${seconds === "86400"}>${text}</option>`)}</select></label>
        ${acts(control, "Make a new one")}
      </form>`);
  }

  /** A name or an identity serves one credential at a time: the new one has one of its own. */
  async function replaced(one, overlap, control) {
    const added = await act("/api/v1/credentials", { device_id: id, type: one.type, ...renamed(one) });
    const end = overlap === 0 ? {} : { at: new Date(Date.now() + overlap * 1_000).toISOString() };
    let left = null;
    try {
      await act(`/api/v1/credentials/${one.id}/end`, end);
    } catch (failure) {
      left = failure;
    }
    await load();
    control.close();
    await shown(added, `The new ${KINDS[one.type].toLowerCase()} of ${id}`,
      left ? `The former one is still good: ${left.message}` : `The former one ${OVERLAPS[overlap]}.`);
  }

  function revoke(one) {
    dialog(`Revoke ${name(one)}?`, (control) => html`
      <form class="rule-form" @submit=${(event) => {
        event.preventDefault();
        control.ask(async () => {
          await remove(`/api/v1/credentials/${one.id}`);
          announce(`${name(one)} is revoked`);
          await load();
          control.close();
        });
      }}>
        <p>It is refused from now on, for good, and the device's connections are closed.
          ${items.filter((other) => other.id !== one.id && ["valid", "ending"].includes(phase(other, Date.now()))).length === 0
            ? html`<strong>It is the last one: ${id} will not be able to connect.</strong>` : nothing}</p>
        ${acts(control, "Revoke", { danger: true })}
      </form>`);
  }

  /** What is shown this once, and what to do with it. */
  async function shown(credential, title, note = "") {
    let endpoints = [];
    try {
      endpoints = (await get("/api/v1/endpoints")).items;
    } catch {
      // the secret is shown in any case
    }
    const commands = connectCommands(credential, credential.secret, endpoints);
    dialog(title, (control) => html`
      ${note ? html`<p>${note}</p>` : nothing}
      ${credential.secret === null ? nothing : html`
        <p>Copy it now: it is not shown again.</p>
        ${copyable("secret", credential.secret)}`}
      ${credential.identity ? html`<p class="muted">Its name: <code>${credential.identity}</code></p>` : nothing}
      ${commands.length === 0 ? html`<p class="muted">There is no command to paste: nothing that takes it listens here, or its key is known to you alone.</p>` : html`
        <h3>Connect</h3>
        ${commands.map(([way, text]) => html`<h4>${way}</h4>${copyable(way, text)}`)}`}
      <div class="form-acts"><button type="button" class="button primary" @click=${control.close}>I have it</button></div>`,
    { guarded: credential.secret !== null });
  }

  // --- how it looks

  function view() {
    if (!may("operator")) {
      return nothing;
    }
    const now = Date.now();
    const all = (items ?? []).map((one) => ({ ...one, phase: phase(one, now) }));
    const current = all.filter((one) => one.phase !== "revoked" && one.phase !== "over");
    const ended = all.length - current.length;
    return html`
      <section class="panel" aria-label="Credentials">
        <div class="panel-head"><h2>Credentials</h2>
          <div class="panel-tools"><button type="button" class="button" @click=${add}>Add a credential</button></div></div>
        ${problem ? problemNotice(problem, load) : nothing}
        ${items === null ? (problem ? nothing : html`<p class="muted" role="status">Loading…</p>`) : all.length === 0
          ? html`<p class="quiet-note">It has none: nobody can connect as this device. (Devices of a network server need none.)</p>` : html`
          <table class="list stacked credentials">
            <caption class="unseen">Credentials of this device</caption>
            <thead><tr><th scope="col">Credential</th><th scope="col">Is</th><th scope="col">Last used</th><th scope="col"><span class="unseen">What can be done</span></th></tr></thead>
            <tbody>${(former ? all : current).map(row)}
              ${current.length === 0 && !former ? html`<tr><td colspan="4" class="muted">None is good any more.</td></tr>` : nothing}</tbody>
          </table>
          ${ended > 0 ? html`<p class="panel-more"><button type="button" class="button quiet" aria-expanded=${former}
            @click=${() => { former = !former; draw(); }}>${former ? "Hide" : "Show"} ${ended} that ${ended === 1 ? "is" : "are"} over</button></p>` : nothing}`}
      </section>`;
  }

  const row = (one) => html`
    <tr data-credential=${one.id}>
      <td><span class="strong">${KINDS[one.type]}</span>${one.identity ? html`<span class="note id">${one.identity}</span>` : nothing}</td>
      <td>${status(one.phase)}<span class="note">${term(one)}</span></td>
      <td class="seen" data-label="used">${time(one.last_used_at)}</td>
      <td class="acts">${one.phase === "revoked" || one.phase === "over" ? nothing : html`
        ${one.type === "x509" ? nothing : html`<button type="button" class="button small" aria-label="Rotate ${name(one)}" @click=${() => rotate(one)}>Rotate</button>`}
        <button type="button" class="button small" aria-label="Revoke ${name(one)}" @click=${() => revoke(one)}>Revoke…</button>`}</td>
    </tr>`;

  load();
  return {
    view,
    refresh: load,
    close() {
      closed = true;
    },
  };
}

const moment = (word, at) => html`${word} <time datetime=${at} title=${fullTime(at)}>${dayTime(at)}</time>`;

function term(one) {
  switch (one.phase) {
    case "revoked": return moment("on", one.revoked_at);
    case "over": return moment("since", one.not_after);
    case "not yet": return moment("from", one.not_before);
    case "ending": return moment("until", one.not_after);
    default: return moment("since", one.not_before);
  }
}

/** Text with a button that copies it, where the browser lets one: not without TLS, but on this machine. */
const copyable = (what, text) => html`
  <div class="copyable">
    <pre tabindex="0" role="group" aria-label=${what}>${text}</pre>
    ${navigator.clipboard ? html`<button type="button" class="button small" aria-label="Copy ${what}"
      @click=${(event) => { const button = event.currentTarget; navigator.clipboard.writeText(text).then(() => { button.textContent = "Copied"; announce("Copied"); }); }}>Copy</button>` : nothing}
  </div>`;

const OWN_SECRET = html`
  <label class="field"><span>A secret of your own (else one is made)</span>
    <input name="secret" minlength="8" maxlength="255" autocomplete="off" spellcheck="false"></label>`;

const FIELDS = {
  token: () => OWN_SECRET,
  password: (id) => html`
    <label class="field"><span>User name</span><input name="user_name" maxlength="255" autocomplete="off" spellcheck="false" placeholder=${id}></label>
    ${OWN_SECRET}`,
  psk: (id) => html`
    <label class="field"><span>Identity</span><input name="identity" maxlength="128" autocomplete="off" spellcheck="false" placeholder=${id}></label>
    ${OWN_SECRET}
    <label class="field"><span>Or a key of bytes, in hex digits</span><input class="mono" name="key" pattern="([0-9A-Fa-f]{2}){8,64}" autocomplete="off" spellcheck="false"></label>`,
  x509: () => html`
    <label class="field"><span>The certificate, PEM</span><textarea name="certificate" rows="5" maxlength="20000" spellcheck="false" placeholder="-----BEGIN CERTIFICATE-----"></textarea></label>
    <label class="field"><span>Or its SHA-256 fingerprint</span><input class="mono" name="fingerprint" maxlength="95" autocomplete="off" spellcheck="false"></label>
    <label class="field"><span>Or its subject, where a trusted authority signs it</span><input name="subject" maxlength="1000" autocomplete="off" spellcheck="false" placeholder="CN=pump-7,O=Works"></label>`,
};

/** What the person said of it; what was left empty, the server chooses. */
function wanted(type, { days, type: _, ...fields }) {
  const said = Object.entries(fields).map(([key, text]) => [key, text.trim()]).filter(([, text]) => text !== "");
  return {
    ...Object.fromEntries(said),
    ...(days === "" ? {} : { not_after: new Date(Date.now() + Number(days) * DAY_MILLIS).toISOString() }),
  };
}

/** `pump-7`, `pump-7-2`, `pump-7-3`. */
function renamed({ type, identity }) {
  if (identity === null) {
    return {};
  }
  const [, stem, number] = /^(.*?)(?:-(\d{1,4}))?$/s.exec(identity);
  const next = number === undefined ? `${identity}-2` : `${stem}-${Number(number) + 1}`;
  return type === "psk" ? { identity: next } : { user_name: next };
}
