// Keys with which programs use the API.

import { html, nothing, render } from "./vendor/lit-html/lit-html.js";
import { act, get, remove } from "./api.js";
import { adminNav, announce, emptyNotice, placeholderRows, problemNotice, ROLES, secretNotice, time } from "./parts.js";

export function apiKeysPage(root, who) {
  let keys = null;
  let problem = null;
  let formProblem = null;
  let adding = false;
  let busy = false;
  let secret = null;
  let closed = false;

  const roles = who.role === "superadmin" ? Object.keys(ROLES) : Object.keys(ROLES).slice(1);

  async function load() {
    try {
      keys = (await get("/api/v1/api-keys")).items;
      problem = null;
    } catch (failure) {
      problem = failure;
    }
    if (!closed) {
      draw();
    }
  }

  async function ask(action) {
    busy = true;
    draw();
    try {
      await action();
      formProblem = null;
    } catch (failure) {
      formProblem = failure;
    }
    busy = false;
    if (!closed) {
      draw();
    }
  }

  function add(event) {
    event.preventDefault();
    const { name, role, days } = Object.fromEntries(new FormData(event.target));
    const expires = days === "" ? {} : { expires_at: new Date(Date.now() + Number(days) * 86_400_000).toISOString() };
    ask(async () => {
      const added = await act("/api/v1/api-keys", { name: name.trim(), role, ...expires });
      adding = false;
      secret = { title: `The key ${added.name}`, value: added.secret };
      await load();
      root.querySelector(".secret")?.focus();
    });
  }

  const revoke = (key) => ask(async () => {
    await remove(`/api/v1/api-keys/${key.id}`);
    announce(`The key ${key.name} is revoked`);
    await load();
  });

  const draw = () => render(html`
    <div class="page">
      ${adminNav("keys")}
      <div class="page-head">
        <h1>API keys</h1>
        ${adding ? nothing : html`<button type="button" class="button primary head-end" @click=${() => { adding = true; secret = null; draw(); root.querySelector("form input").focus(); }}>Make a key</button>`}
      </div>
      ${problem ? problemNotice(problem, load) : nothing}
      ${secret ? secretNotice(secret, () => { secret = null; draw(); }) : nothing}
      ${adding ? form() : nothing}
      ${formProblem ? problemNotice(formProblem) : nothing}
      ${keys === null ? (problem ? nothing : placeholderRows(3)) : keys.length === 0 ? emptyNotice("No key yet", "A program shows its key with each request.") : table()}
    </div>`, root);

  const form = () => html`
    <form class="panel rule-form" @submit=${add} aria-label="New key">
      <div class="fields wide">
        <label class="field"><span>What it is for</span><input name="name" required maxlength="255" autocomplete="off" placeholder="Grafana"></label>
        <label class="field"><span>Role</span><select name="role">${roles.map((role) => html`
          <option value=${role} ?selected=${role === "viewer"}>${ROLES[role]}</option>`)}</select></label>
        <label class="field"><span>Good for</span><select name="days">
          <option value="">ever</option><option value="30">30 days</option><option value="90">90 days</option><option value="365">a year</option></select></label>
      </div>
      <div class="form-acts">
        <button class="button primary" ?disabled=${busy}>Make it and show it</button>
        <button type="button" class="button quiet" @click=${() => { adding = false; formProblem = null; draw(); }}>Cancel</button>
      </div>
    </form>`;

  const table = () => html`
    <div class="panel table-panel">
      <table class="devices people">
        <caption class="unseen">API keys, newest first</caption>
        <thead><tr><th scope="col">Key</th><th scope="col">Role</th><th scope="col">Last used</th><th scope="col"><span class="unseen">What can be done</span></th></tr></thead>
        <tbody>${keys.map((key) => html`
          <tr data-key=${key.name}>
            <td><span class="strong">${key.name}</span>
              <span class="note">${key.scopes.join(", ")}${key.expires_at ? html` until ${time(key.expires_at)}` : nothing}</span></td>
            <td>${ROLES[key.role]}</td>
            <td class="seen" data-label="Last used">${time(key.last_used_at)}</td>
            <td class="acts">${key.revoked_at ? html`<span class="tag">revoked</span>` : html`
              <button type="button" class="button quiet" ?disabled=${busy} @click=${() => revoke(key)}>Revoke</button>`}</td>
          </tr>`)}</tbody>
      </table>
    </div>`;

  document.title = "API keys · Tethral";
  draw();
  load();
  return {
    close() {
      closed = true;
    },
  };
}
