// People who sign in: who they are, what they may do, and what an administrator does about it.

import { html, nothing, render } from "./vendor/lit-html/lit-html.js";
import { act, change, get, remove, userPath } from "./api.js";
import { adminNav, announce, emptyNotice, placeholderRows, problemNotice, ROLES, secretNotice, time } from "./parts.js";

const ROWS = 200;

export function peoplePage(root, who) {
  let users = null;
  let next = null;
  let communities = [];
  let problem = null;
  let formProblem = null;
  let adding = false;
  let busy = false;
  let secret = null;
  let doubted = null;
  let closed = false;

  const overall = who.role === "superadmin";
  const roles = overall ? Object.keys(ROLES) : Object.keys(ROLES).slice(1);

  async function load() {
    try {
      const [page, known] = await Promise.all([
        get("/api/v1/users", { limit: ROWS }), overall ? get("/api/v1/communities") : { items: [] },
      ]);
      users = page.items;
      next = page.next_cursor;
      communities = known.items;
      problem = null;
    } catch (failure) {
      problem = failure;
    }
    if (!closed) {
      draw();
    }
  }

  async function more() {
    const page = await get("/api/v1/users", { limit: ROWS, cursor: next });
    users = [...users, ...page.items];
    next = page.next_cursor;
    draw();
  }

  async function ask(action) {
    busy = true;
    doubted = null;
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
    const { email, role, community } = Object.fromEntries(new FormData(event.target));
    ask(async () => {
      const added = await act("/api/v1/users", { email, role, ...(community && role !== "superadmin" ? { community_id: community } : {}) });
      adding = false;
      secret = { title: `The password of ${added.email}`, value: added.password };
      await load();
      root.querySelector(".secret")?.focus();
    });
  }

  const renew = (user) => ask(async () => {
    const { password } = await act(`${userPath(user.id)}/password`, {});
    secret = { title: `The new password of ${user.email}`, value: password };
    await load();
    root.querySelector(".secret")?.focus();
  });

  const give = (user, role) => ask(async () => {
    await change(userPath(user.id), { role }, user.version);
    announce(`${user.email} is ${ROLES[role]} now, and is signed out`);
    await load();
  });

  const activate = (user) => ask(async () => {
    await change(userPath(user.id), { active: !user.active }, user.version);
    announce(user.active ? `${user.email} may sign in no more` : `${user.email} may sign in again`);
    await load();
  });

  const drop = (user) => ask(async () => {
    await remove(userPath(user.id));
    announce(`${user.email} is removed`);
    await load();
  });

  const draw = () => render(html`
    <div class="page">
      ${adminNav("people")}
      <div class="page-head">
        <h1>People</h1>
        ${adding ? nothing : html`<button type="button" class="button primary head-end" @click=${() => { adding = true; secret = null; draw(); root.querySelector("form input").focus(); }}>Add a person</button>`}
      </div>
      ${problem ? problemNotice(problem, load) : nothing}
      ${secret ? secretNotice(secret, () => { secret = null; draw(); }) : nothing}
      ${adding ? form() : nothing}
      ${formProblem ? problemNotice(formProblem) : nothing}
      ${users === null ? (problem ? nothing : placeholderRows(3)) : users.length === 0 ? none() : table()}
    </div>`, root);

  const none = () => adding ? nothing : emptyNotice("Nobody signs in with a password yet",
    "You came by a one-time link. Add yourself as an administrator; from then on the server prints no link any more.");

  const form = () => html`
    <form class="panel rule-form" @submit=${add} aria-label="New person">
      <div class="fields wide">
        <label class="field"><span>E-mail address</span><input name="email" type="email" required maxlength="254" autocomplete="off"></label>
        <label class="field"><span>Role</span><select name="role">${roles.map((role) => html`
          <option value=${role} ?selected=${users?.length === 0 ? role === "superadmin" : role === "operator"}>${ROLES[role]}</option>`)}</select></label>
        ${communities.length > 1 ? html`
          <label class="field"><span>Community, but of an administrator of all</span><select name="community">${communities.map((one) => html`
            <option value=${one.id}>${one.name}</option>`)}</select></label>` : nothing}
      </div>
      <div class="form-acts">
        <button class="button primary" ?disabled=${busy}>Add and show the password</button>
        <button type="button" class="button quiet" @click=${() => { adding = false; formProblem = null; draw(); }}>Cancel</button>
      </div>
    </form>`;

  const table = () => html`
    <div class="panel table-panel">
      <table class="devices people">
        <caption class="unseen">People, by e-mail address</caption>
        <thead><tr><th scope="col">Person</th><th scope="col">Role</th><th scope="col">Last signed in</th><th scope="col"><span class="unseen">What can be done</span></th></tr></thead>
        <tbody>${users.map(row)}</tbody>
      </table>
    </div>
    ${next ? html`<div class="more"><button type="button" class="button" @click=${more}>Show more</button></div>` : nothing}`;

  const isSelf = (user) => who.actor === `user:${user.email}`;

  const row = (user) => html`
    <tr data-user=${user.email}>
      <td><span class="strong">${user.email}</span>
        <span class="note">${communities.find((one) => one.id === user.community_id)?.name ?? (user.community_id === null ? "all communities" : "")}
          ${user.active ? nothing : html`<span class="tag">deactivated</span>`}${user.has_password ? nothing : html`<span class="tag">no password</span>`}</span></td>
      <td>${isSelf(user) ? html`${ROLES[user.role]} <span class="tag">you</span>` : html`
        <select aria-label="Role of ${user.email}" ?disabled=${busy} @change=${(event) => give(user, event.target.value)}>${roles.map((role) => html`
          <option value=${role} .selected=${user.role === role}>${ROLES[role]}</option>`)}</select>`}</td>
      <td class="seen" data-label="Last signed in">${time(user.last_login_at)}</td>
      <td class="acts">${isSelf(user) ? html`<a class="button" href="#/account">Change your password</a>` : doubted === user.id ? html`
        <span class="by">Remove ${user.email}?</span>
        <button type="button" class="button" ?disabled=${busy} @click=${() => drop(user)}>Remove</button>
        <button type="button" class="button quiet" @click=${() => { doubted = null; draw(); }}>Keep</button>` : html`
        <button type="button" class="button" ?disabled=${busy} @click=${() => renew(user)}>New password</button>
        <button type="button" class="button" ?disabled=${busy} @click=${() => activate(user)}>${user.active ? "Deactivate" : "Activate"}</button>
        <button type="button" class="button quiet" ?disabled=${busy} @click=${() => { doubted = user.id; draw(); }}>Remove…</button>`}
      </td>
    </tr>`;

  document.title = "People · Tethral";
  draw();
  load();
  return {
    close() {
      closed = true;
    },
  };
}
