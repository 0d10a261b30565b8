// What somebody sees who is not signed in.

import { html } from "./vendor/lit-html/lit-html.js";

/** The token, also out of a whole link. */
function open(event) {
  event.preventDefault();
  const given = new FormData(event.target).get("link").trim();
  const token = /[?&]token=([^&#\s]+)/.exec(given)?.[1] ?? encodeURIComponent(given);
  location.assign(`/sign-in?token=${token}`);
}

export const signInPage = () => html`
  <div class="page narrow">
    <section class="panel sign-in">
      <h1>Sign in</h1>
      <p>This console has no password. It opens with a link that works once.</p>
      <ol>
        <li>Look at where the server was started. It prints a line like
          <code>sign in ${location.origin}/sign-in?token=…</code></li>
        <li>Open that link in this browser. It is good for 15 minutes.</li>
      </ol>
      <form @submit=${open}>
        <label for="link">Or paste it here</label>
        <div class="with-button">
          <input id="link" name="link" type="text" required autocomplete="off" spellcheck="false" placeholder="${location.origin}/sign-in?token=…">
          <button type="submit" class="button primary">Sign in</button>
        </div>
      </form>
      <p class="muted">The link is used up or too old? Start the server again: it prints a new one. A restart also signs everybody out.</p>
    </section>
  </div>`;
