// Who is signed in, and their password.

import { html, nothing, render } from "./vendor/lit-html/lit-html.js";
import { act, session } from "./api.js";
import { announce, problemNotice, ROLES } from "./parts.js";

export function accountPage(root, who) {
  let problem = null;
  let busy = false;

  async function submit(event) {
    event.preventDefault();
    const { current, next, again } = Object.fromEntries(new FormData(event.target));
    busy = true;
    problem = next === again ? null : { message: "The new password is not the same both times." };
    draw();
    try {
      if (!problem) {
        await act("/api/v1/whoami/password", { current_password: current, new_password: next });
        announce("The password is changed. Sign in with the new one.");
        session.dispatchEvent(new Event("over"));
        return;
      }
    } catch (failure) {
      problem = failure;
    }
    busy = false;
    draw();
  }

  const password = (label, name, autocomplete) => html`
    <label for=${name}>${label}</label>
    <input id=${name} name=${name} type="password" required minlength=${name === "current" ? 1 : 12} maxlength="256" autocomplete=${autocomplete}>`;

  const draw = () => render(html`
    <div class="page narrow">
      <section class="panel sign-in">
        <h1>${who.actor.replace(/^user:/, "")}</h1>
        <p class="muted">${ROLES[who.role]}${who.community_id || who.role === "superadmin" ? "" : ", of all communities"}</p>
        ${who.actor.includes("@") ? html`
          <form @submit=${submit} aria-label="New password">
            ${password("Password", "current", "current-password")}
            ${password("New password, 12 characters or more", "next", "new-password")}
            ${password("New password, once more", "again", "new-password")}
            ${problem ? problemNotice(problem) : nothing}
            <p class="muted">You are signed out everywhere, and sign in with the new one.</p>
            <div class="form-acts"><button class="button primary" ?disabled=${busy}>Change the password</button></div>
          </form>` : html`
          <p>You came by a one-time link, and have no password. <a href="#/people">Add yourself to the people</a> who sign in.</p>`}
      </section>
    </div>`, root);

  document.title = "Account · Tethral";
  draw();
  return { close() {} };
}
