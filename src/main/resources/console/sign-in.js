// What somebody sees who is not signed in.

import { html, nothing, render } from "./vendor/lit-html/lit-html.js";
import { get, signIn } from "./api.js";

/** The token, also out of a whole link. */
function open(event) {
  event.preventDefault();
  const given = new FormData(event.target).get("link").trim();
  const token = /[?&]token=([^&#\s]+)/.exec(given)?.[1] ?? encodeURIComponent(given);
  location.assign(`/sign-in?token=${token}`);
}

export function signInPage(root) {
  let problem = null;
  let busy = false;
  let methods = { password: true, provider: null };

  async function submit(event) {
    event.preventDefault();
    const given = new FormData(event.target);
    busy = true;
    draw();
    try {
      await signIn(given.get("email"), given.get("password"));
    } catch (failure) {
      problem = failure;
      busy = false;
      draw();
      root.querySelector("#password")?.select();
    }
  }

  const draw = () => render(html`
    <div class="page narrow">
      <section class="panel sign-in">
        <h1>Sign in</h1>
        ${problem ? html`<p class="notice bad" role="alert">${problem.message}</p>` : nothing}
        <form @submit=${submit}>
          <label for="email">E-mail address</label>
          <input id="email" name="email" type="email" required autocomplete="username" maxlength="254" spellcheck="false">
          <label for="password">Password</label>
          <input id="password" name="password" type="password" required autocomplete="current-password" maxlength="256">
          <div class="form-acts"><button type="submit" class="button primary" ?disabled=${busy}>Sign in</button></div>
        </form>
        ${methods.provider ? html`<p><a class="button" href="/sign-in/provider">Sign in with ${methods.provider}</a></p>` : nothing}
        <details ?open=${!methods.password}>
          <summary>Nobody has a password yet, or you lost yours</summary>
          <p>A server that has no administrator yet prints a line like <code>sign in: ${location.origin}/sign-in?token=…</code> where it
            was started. Open that link, or paste it here; it works once, for 15 minutes.</p>
          <form @submit=${open}>
            <label for="link">Link</label>
            <div class="with-button">
              <input id="link" name="link" type="text" required autocomplete="off" spellcheck="false" placeholder="${location.origin}/sign-in?token=…">
              <button type="submit" class="button">Open</button>
            </div>
          </form>
          <p class="muted">An administrator gives you a new password, on the page People or with <code>tethral user password</code> on the server.</p>
        </details>
      </section>
    </div>`, root);

  draw();
  get("/sign-in/methods").then((known) => {
    methods = known;
    draw();
  }, () => {});
}
