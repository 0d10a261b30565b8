// A form or a question above the page: what is behind it waits. Escape ends it, and the focus goes back to where it was.

import { html, nothing, render } from "./vendor/lit-html/lit-html.js";
import { session } from "./api.js";

/**
 * Shows one; its first field has the focus.
 *
 * @param title names it
 * @param view draws what is below the title; told how to `draw` it again, to `close` it, and whether it `busy` is
 * @param guarded Escape is heard only the second time: what it shows is not shown again
 */
export function dialog(title, view, { guarded = false } = {}) {
  const element = document.createElement("dialog");
  const control = { busy: false, problem: null, draw, close, ask };
  let warned = !guarded;

  function draw() {
    if (element.isConnected) {
      render(html`
        <h2 id="dialog-title" tabindex="-1">${title}</h2>
        ${view(control)}
        ${control.problem ? html`<p class="form-problem" role="alert">${control.problem.message}</p>` : nothing}
        ${guarded && warned ? html`<p class="form-problem" role="alert">It is not shown again. Escape once more closes it.</p>` : nothing}`, element);
    }
  }

  /** Has the server do something; while it does, nothing can be pressed twice. What goes wrong is told in the dialog. */
  async function ask(action) {
    control.busy = true;
    control.problem = null;
    draw();
    try {
      await action();
    } catch (failure) {
      control.problem = failure;
    }
    control.busy = false;
    draw();
  }

  function close() {
    element.close();
  }

  element.className = "dialog";
  element.setAttribute("aria-labelledby", "dialog-title");
  element.addEventListener("cancel", (event) => {
    if (!warned) {
      event.preventDefault();
      warned = true;
      draw();
    }
  });
  element.addEventListener("close", () => {
    removeEventListener("hashchange", close);
    session.removeEventListener("over", close);
    element.remove();
    if (document.activeElement === document.body) {
      document.getElementById("main").focus({ preventScroll: true });
    }
  });
  addEventListener("hashchange", close);
  session.addEventListener("over", close);
  document.body.append(element);
  draw();
  element.showModal();
  (element.querySelector("input, select, textarea, [autofocus]") ?? element.querySelector("h2")).focus();
  return control;
}

/** What stands below each form. */
export const acts = (control, word, { danger = false } = {}) => html`
  <div class="form-acts">
    <button class="button ${danger ? "danger" : "primary"}" ?disabled=${control.busy}>${word}</button>
    <button type="button" class="button quiet" @click=${control.close}>Cancel</button>
  </div>`;
