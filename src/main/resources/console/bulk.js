// The same done to many things: a few at a time, with how far it is, and a report of what failed.

import { html, nothing } from "./vendor/lit-html/lit-html.js";
import { count } from "./format.js";
import { announce } from "./parts.js";
import { csvLine } from "./csv.js";

const AT_A_TIME = 4;
const TRIES_MAX = 5;
const RETRY_MILLIS = 1_000;
const DRAW_MILLIS = 150;
/** More failures than these are counted, and not named. */
export const FAILURES_KEPT_MAX = 10_000;
const FAILURES_SHOWN = 8;

/**
 * Begins. What fails stops no other; where the server is busy or away, it is tried again for a while.
 *
 * @param things an iterable, or an asynchronous one that is read as far as it is worked on
 * @param act called with each; what it returns is a word by which it is counted
 * @param name gives what a report names the thing by: `{line, id}`, either may be missing
 * @param total how many there are; null: nobody knows yet
 * @param changed called when there is something new to draw
 */
export function startJob(things, act, { name, total, changed }) {
  const job = { total, done: 0, words: new Map(), failures: [], failed: 0, phase: "running", problem: null, stop, ended: null };
  const source = things[Symbol.asyncIterator]?.() ?? things[Symbol.iterator]();
  let turn = Promise.resolve();
  let drawn = 0;

  function stop() {
    if (job.phase === "running") {
      job.phase = "stopping";
      changed();
    }
  }

  /** One at a time asks for the next thing. */
  function next() {
    const mine = turn.then(() => (job.phase === "running" ? source.next() : { done: true }));
    turn = mine.catch(() => {});
    return mine;
  }

  async function work() {
    for (let step = await next(); !step.done; step = await next()) {
      await one(step.value);
      job.done++;
      if (performance.now() - drawn > DRAW_MILLIS) {
        drawn = performance.now();
        changed();
      }
    }
  }

  async function one(thing) {
    for (let attempt = 1; ; attempt++) {
      try {
        const word = await act(thing);
        job.words.set(word, (job.words.get(word) ?? 0) + 1);
        return;
      } catch (failure) {
        const passing = failure.status === 503 || failure.status === 0;
        if (!passing || attempt === TRIES_MAX || job.phase !== "running") {
          job.failed++;
          if (job.failures.length < FAILURES_KEPT_MAX) {
            job.failures.push({ ...name(thing), reason: failure.message });
          }
          return;
        }
        await new Promise((wake) => { setTimeout(wake, attempt * RETRY_MILLIS); });
      }
    }
  }

  job.ended = Promise.all(Array.from({ length: AT_A_TIME }, work)).catch((failure) => {
    job.problem = failure;
  }).then(() => {
    job.phase = job.phase === "stopping" ? "stopped" : "done";
    announce(`${count(job.done - job.failed)} done, ${count(job.failed)} failed`);
    changed();
  });
  return job;
}

/** How far it is, and what came of it. */
export function jobPanel(job, { title, unit, leave }) {
  const running = job.phase === "running" || job.phase === "stopping";
  return html`
    <section class="panel job" aria-label=${title} data-phase=${job.phase}>
      <div class="panel-head">
        <h2>${title}</h2>
        <span class="panel-tools">
          ${running ? html`<button type="button" class="button" ?disabled=${job.phase === "stopping"} @click=${job.stop}>Stop</button>` : html`
            <button type="button" class="button" @click=${leave}>Done</button>`}
        </span>
      </div>
      ${job.total === null
        ? html`<progress aria-label=${title}></progress>`
        : html`<progress aria-label=${title} max=${Math.max(1, job.total)} value=${job.done}></progress>`}
      <p class="counts" role="status">
        <span><b class="figure">${count(job.done)}</b> <span class="muted">${job.total === null ? unit : `of ${count(job.total)} ${unit}`}</span></span>
        ${[...job.words].map(([word, number]) => html`<span><b class="figure">${count(number)}</b> <span class="muted">${word}</span></span>`)}
        ${job.failed > 0 ? html`<span class="loss"><b class="figure">${count(job.failed)}</b> failed</span>` : nothing}
        ${job.phase === "stopped" ? html`<span class="muted">stopped: what was done stays</span>` : nothing}
      </p>
      ${job.problem ? html`<p class="form-problem">It ended early: ${job.problem.message}</p>` : nothing}
      ${job.failed > 0 ? failures(job) : nothing}
    </section>`;
}

const failures = (job) => html`
  <ul class="tally failures">${job.failures.slice(0, FAILURES_SHOWN).map(({ line, id, reason }) => html`
    <li>${line ? html`<span class="muted">line ${count(line)}</span> ` : nothing}${id ? html`<span class="mono">${id}</span> ` : nothing}${reason}</li>`)}</ul>
  <button type="button" class="button" @click=${() => download("failed.csv", report(job.failures))}>Download what failed</button>`;

const report = (all) => [
  csvLine(["line", "id", "reason"]),
  ...all.map(({ line, id, reason }) => csvLine([String(line ?? ""), id ?? "", reason])),
].map((line) => `${line}\n`);

/** Hands a file of these pieces to the person. */
export function download(file, pieces) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(pieces, { type: "text/csv;charset=utf-8" }));
  link.download = file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
