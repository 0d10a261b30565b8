// What several pages show alike.

import { html, nothing, svg } from "./vendor/lit-html/lit-html.js";
import { ago, fullTime } from "./format.js";

/** Calls at most once in so many milliseconds, with the last word: for drawing. */
export function paced(action, millis) {
  let timer = null;
  let last = 0;
  const run = () => {
    timer = null;
    last = performance.now();
    action();
  };
  const call = () => {
    timer ??= setTimeout(run, Math.max(0, last + millis - performance.now()));
  };
  call.stop = () => clearTimeout(timer);
  return call;
}

export function announce(text) {
  document.getElementById("announcer").textContent = text;
}

const SHAPES = {
  online: svg`<circle cx="8" cy="8" r="5" fill="currentColor"/>`,
  offline: svg`<path d="M4 4l8 8M12 4l-8 8" stroke="currentColor" stroke-width="2.2" stroke-linecap="round"/>`,
  unknown: svg`<circle cx="8" cy="8" r="5" fill="none" stroke="currentColor" stroke-width="1.8" stroke-dasharray="2.6 2.2"/>`,
  connected: svg`<path d="M2.5 8h8M7.5 4.5L11 8l-3.5 3.5M13.5 3.5v9" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/>`,
  disconnected: svg`<path d="M13.5 8h-8M8.5 4.5L5 8l3.5 3.5M2.5 3.5v9" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/>`,
  timeout: svg`<circle cx="8" cy="8" r="5.6" fill="none" stroke="currentColor" stroke-width="1.8"/><path d="M8 5v3.2l2 1.4" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round"/>`,
  retrying: svg`<path d="M12.5 8a4.5 4.5 0 1 1-1.3-3.2M11.5 2v3h-3" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/>`,
  paused: svg`<path d="M5.5 4v8M10.5 4v8" stroke="currentColor" stroke-width="2.2" stroke-linecap="round"/>`,
  critical: svg`<path d="M8 2.2l6.3 11.3H1.7z" fill="currentColor"/>`,
  warning: svg`<path d="M8 3l5.6 10H2.4z" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linejoin="round"/>`,
  info: svg`<circle cx="8" cy="8" r="5.6" fill="none" stroke="currentColor" stroke-width="1.8"/><path d="M8 7.4v3.4M8 4.9v.2" stroke="currentColor" stroke-width="1.8" stroke-linecap="round"/>`,
  free: svg`<path d="M3.5 8.6l3 3 6-6.6" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"/>`,
  occupied: svg`<rect x="3" y="3" width="10" height="10" rx="1.5" fill="currentColor"/>`,
  reserved: svg`<path d="M4.5 2.8h7v10.4L8 10.5l-3.5 2.7z" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linejoin="round"/>`,
  maintenance: svg`<path d="M8 2.6l3.4 9.4H4.6zM2.8 13.2h10.4M6.2 8.2h3.6" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"/>`,
  rejected: svg`<circle cx="8" cy="8" r="5.6" fill="none" stroke="currentColor" stroke-width="1.8"/><path d="M4.2 11.8l7.6-7.6" stroke="currentColor" stroke-width="1.8"/>`,
};

export const shape = (kind) =>
  html`<svg class="shape" viewBox="0 0 16 16" aria-hidden="true">${SHAPES[kind] ?? SHAPES.unknown}</svg>`;

const TONES = {
  online: "good", offline: "bad", unknown: "quiet",
  connected: "good", disconnected: "quiet", timeout: "warn", rejected: "bad",
  delivering: "good", starting: "quiet", paused: "quiet", failing: "bad",
  critical: "bad", warning: "warn", info: "quiet",
  delivered: "good", pending: "quiet", retrying: "warn", dead: "bad", expired: "quiet",
  queued: "quiet", sending: "quiet", transmitted: "good", failed: "bad", superseded: "quiet",
  confirmed: "good", active: "good", completed: "quiet",
  reading: "good", working: "good", waiting: "quiet", new: "good", other: "warn",
  sent: "quiet", with_device: "quiet", ack_success: "good", ack_error: "bad", cancelled: "quiet",
  valid: "good", ending: "warn", "not yet": "quiet", over: "quiet", revoked: "quiet",
};

/** Words that share a shape with another one. */
const ALIKE = {
  delivering: "connected", starting: "unknown", failing: "rejected",
  delivered: "online", pending: "unknown", dead: "offline", expired: "timeout",
  queued: "unknown", sending: "retrying", transmitted: "connected", failed: "offline", superseded: "rejected",
  confirmed: "free", active: "online", completed: "free",
  reading: "connected", working: "online", waiting: "unknown", new: "online", other: "retrying",
  sent: "connected", with_device: "connected", ack_success: "online", ack_error: "offline", cancelled: "rejected",
  valid: "free", ending: "timeout", "not yet": "timeout", over: "offline", revoked: "rejected",
};

const WORDS = { unknown: "never seen", with_device: "delivered", ack_success: "success", ack_error: "error", other: "changed" };

/** Colour, shape and word, so that none of them is needed to understand the others. */
export const status = (kind) =>
  html`<span class="status ${TONES[kind] ?? "quiet"}">${shape(ALIKE[kind] ?? kind)}${WORDS[kind] ?? kind}</span>`;

export const time = (at) =>
  at ? html`<time datetime=${at} title=${fullTime(at)}>${ago(at)}</time>` : html`<span class="muted">never</span>`;

export const problemNotice = (problem, again) => html`
  <div class="notice bad" role="alert">
    <strong>${problem.status === 0 ? "No connection" : "That did not work"}</strong>
    <p>${problem.message}</p>
    ${again ? html`<button type="button" class="button" @click=${again}>Try again</button>` : nothing}
  </div>`;

export const emptyNotice = (title, text, action = nothing) => html`
  <div class="empty">
    <svg class="empty-mark" viewBox="0 0 48 48" aria-hidden="true">
      <path d="M12 16h24M24 16v9" fill="none" stroke="currentColor" stroke-width="2.5" stroke-linecap="round"/>
      <circle cx="24" cy="30" r="5" fill="none" stroke="currentColor" stroke-width="2.5" stroke-dasharray="4 3"/>
    </svg>
    <h2>${title}</h2>
    <p>${text}</p>
    ${action}
  </div>`;

export const placeholderRows = (rows) => html`
  <div class="placeholder" role="status" aria-label="Loading">
    ${Array.from({ length: rows }, () => html`<div class="placeholder-row"></div>`)}
  </div>`;

/** Roles in the words of people, most first. */
export const ROLES = {
  superadmin: "administrator of all",
  community_admin: "administrator",
  operator: "operator",
  viewer: "viewer",
};

/** Between the pages for administrators. */
export const adminNav = (current) => html`
  <nav class="choice links" aria-label="Administration">
    ${[["people", "People"], ["api-keys", "API keys", "keys"], ["audit", "Audit log"]].map(([path, text, key = path]) => html`
      <a href="#/${path}" aria-current=${key === current ? "page" : nothing}>${text}</a>`)}
  </nav>`;

/** What is shown this once. */
export const secretNotice = ({ title, value }, done) => html`
  <div class="notice secret" role="status" tabindex="-1">
    <strong>${title}</strong>
    <p><code>${value}</code></p>
    <p>Copy it now: it is not shown again.</p>
    <div class="form-acts">
      ${navigator.clipboard ? html`<button type="button" class="button" @click=${() => navigator.clipboard.writeText(value).then(() => announce("Copied"))}>Copy</button>` : nothing}
      <button type="button" class="button quiet" @click=${done}>I have it</button>
    </div>
  </div>`;

/** One of several, as buttons side by side. */
export const choice = (label, options, chosen, choose) => html`
  <div class="choice" role="group" aria-label=${label}>
    ${options.map(([key, text, extra]) => html`
      <button type="button" aria-pressed=${key === chosen} @click=${() => choose(key)}>
        ${text}${extra === undefined ? nothing : html` <span class="figure">${extra}</span>`}
      </button>`)}
  </div>`;
