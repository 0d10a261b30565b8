// Who did what, when, and how its object was before and after.

import { html, nothing, render } from "./vendor/lit-html/lit-html.js";
import { get } from "./api.js";
import { count, dayTime, fullTime } from "./format.js";
import { adminNav, announce, emptyNotice, placeholderRows, problemNotice } from "./parts.js";

const ROWS = 100;

/** They change with everything else, and say nothing by themselves. */
const UNSAID = new Set(["version", "updated_at"]);

/** What is not the same in both, field by field. */
export function differences(before, after) {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return names
    .filter((name) => !UNSAID.has(name))
    .map((name) => ({ name, from: before?.[name], to: after?.[name] }))
    .filter(({ from, to }) => JSON.stringify(from ?? null) !== JSON.stringify(to ?? null));
}

const said = (value) => (typeof value === "string" ? value : JSON.stringify(value ?? null));

export function auditPage(root) {
  let items = null;
  let next = null;
  let problem = null;
  let filter = {};
  let closed = false;
  let asked = 0;

  async function load() {
    const mine = ++asked;
    try {
      const page = await get("/api/v1/audit-logs", { ...filter, limit: ROWS });
      if (mine !== asked) {
        return;
      }
      ({ items, next_cursor: next } = page);
      problem = null;
      announce(`${count(items.length)} acts are shown`);
    } catch (failure) {
      problem = failure;
    }
    if (!closed) {
      draw();
    }
  }

  async function more() {
    const page = await get("/api/v1/audit-logs", { ...filter, limit: ROWS, cursor: next });
    items = [...items, ...page.items];
    next = page.next_cursor;
    announce(`${count(items.length)} acts are shown`);
    draw();
  }

  function look(event) {
    event.preventDefault();
    const { actor, action, object_id } = Object.fromEntries(new FormData(event.target));
    const named = actor.trim() === "" || actor.includes(":") ? actor : `user:${actor}`;
    filter = { actor: named.trim(), action: action.trim(), object_id: object_id.trim() };
    load();
  }

  const draw = () => render(html`
    <div class="page">
      ${adminNav("audit")}
      <div class="page-head"><h1>Audit log</h1></div>
      <form class="panel rule-form" @submit=${look} aria-label="Which acts">
        <div class="fields wide">
          <label class="field"><span>Who</span><input name="actor" maxlength="300" autocomplete="off" spellcheck="false" placeholder="ada@example.org"></label>
          <label class="field"><span>Did what</span><input name="action" maxlength="64" autocomplete="off" spellcheck="false" placeholder="device.update"></label>
          <label class="field"><span>To what</span><input name="object_id" maxlength="300" autocomplete="off" spellcheck="false" placeholder="pump-7"></label>
          <div class="field end"><button class="button">Look</button></div>
        </div>
      </form>
      ${problem ? problemNotice(problem, load) : nothing}
      ${items === null ? (problem ? nothing : placeholderRows(5)) : items.length === 0 ? emptyNotice("Nothing", "Nobody did anything of the kind.") : table()}
    </div>`, root);

  const table = () => html`
    <div class="panel table-panel">
      <table class="devices audit">
        <caption class="unseen">Administrative acts, newest first</caption>
        <thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">Did</th><th scope="col">What changed</th></tr></thead>
        <tbody>${items.map(row)}</tbody>
      </table>
    </div>
    ${next ? html`<div class="more"><button type="button" class="button" @click=${more}>Show more</button></div>` : nothing}`;

  const row = (entry) => html`
    <tr data-action=${entry.action}>
      <td class="figure"><time datetime=${entry.timestamp} title=${fullTime(entry.timestamp)}>${dayTime(entry.timestamp)}</time></td>
      <td class="by">${entry.actor.replace(/^user:/, "")}<span class="note">${entry.remote_address ?? "on the server"}</span></td>
      <td>${entry.action}<span class="note">${entry.object_id}</span></td>
      <td class="values">${changed(differences(entry.before, entry.after))}</td>
    </tr>`;

  const changed = (fields) => fields.length === 0 ? html`<span class="muted">nothing</span>` : html`
    <details>
      <summary>${fields.map(({ name }) => name).slice(0, 4).join(", ")}${fields.length > 4 ? `, ${fields.length - 4} more` : ""}</summary>
      <dl class="differences">${fields.map(({ name, from, to }) => html`
        <dt>${name}</dt>
        <dd>${from === undefined ? nothing : html`<del>${said(from)}</del>`} ${to === undefined ? nothing : html`<ins>${said(to)}</ins>`}</dd>`)}</dl>
    </details>`;

  document.title = "Audit log · Tethral";
  draw();
  load();
  return {
    close() {
      closed = true;
    },
  };
}
