// In which state a device was, and when.

import { html, svg } from "./vendor/lit-html/lit-html.js";
import { dayTime, duration } from "./format.js";

const WIDTH = 1_000;
const HUES = 6;
const OWN = new Set(["online", "offline", "unknown", "error"]);
const COMMON = {
  idle: 0, standby: 0, busy: 1, reserved: 1, free: 2, active: 2, running: 2, occupied: 3, maintenance: 3, warning: 3, charging: 5,
};

/** A word always has the same colour: the common ones a chosen one, the others one of six. */
export function tone(word) {
  if (OWN.has(word)) {
    return `is-${word}`;
  }
  if (word in COMMON) {
    return `is-hue-${COMMON[word]}`;
  }
  let sum = 7;
  for (const letter of word) {
    sum = (sum * 31 + letter.codePointAt(0)) % 9_973;
  }
  return `is-hue-${sum % HUES}`;
}

/** The changes, newest first, as spans of time from the oldest: `{word, from, to}` in milliseconds. */
export function spans(changes, current, from, to) {
  const all = [];
  let end = to;
  let word = current;
  for (const change of changes) {
    const at = Date.parse(change.timestamp);
    if (at < end) {
      all.unshift({ word: change.to_state, from: Math.max(at, from), to: end });
      end = Math.max(at, from);
    }
    word = change.from_state;
    if (at <= from) {
      return all;
    }
  }
  if (end > from) {
    all.unshift({ word, from, to: end });
  }
  return all;
}

const share = (part) => (part < 0.01 ? "< 1 %" : `${Math.round(part * 100)} %`);

/** A word with its colour before it. */
export const state = (word) => html`<span class="state"><i class=${tone(word)} aria-hidden="true"></i>${word}</span>`;

export function timeline(all, from, to) {
  const x = (time) => ((time - from) / (to - from)) * WIDTH;
  const seconds = new Map();
  for (const span of all) {
    seconds.set(span.word, (seconds.get(span.word) ?? 0) + (span.to - span.from) / 1_000);
  }
  const shares = [...seconds].sort(([, a], [, b]) => b - a);
  const known = shares.reduce((sum, [, length]) => sum + length, 0);
  const spoken = shares.map(([word, length]) => `${word} ${duration(length)}`).join(", ");
  return html`
    <svg class="timeline" viewBox="0 0 ${WIDTH} 28" preserveAspectRatio="none" role="img" aria-label=${`States: ${spoken}`}>
      ${all.map((span) => svg`<rect class=${tone(span.word)} x=${x(span.from)} y="0" height="28"
        width=${Math.max(1.5, x(span.to) - x(span.from) - 0.75)}><title>${span.word}: ${dayTime(span.from)} to ${dayTime(span.to)}, ${duration((span.to - span.from) / 1_000)}</title></rect>`)}
    </svg>
    <ul class="shares">
      ${shares.map(([word, length]) => html`<li><i class=${tone(word)} aria-hidden="true"></i><b>${word}</b>
        <span class="figure">${duration(length)}</span> <span class="muted figure">${share(length / known)}</span></li>`)}
    </ul>`;
}
