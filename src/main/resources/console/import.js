// A file of devices, or of a whole site, looked at first and then taken line by line; and devices into a file.

import { html, nothing, render } from "./vendor/lit-html/lit-html.js";
import { act, devicePath, get } from "./api.js";
import { download, jobPanel, startJob } from "./bulk.js";
import { plainLine, records } from "./csv.js";
import { COLUMNS, device, differences, exported, headProblem, store } from "./device-rows.js";
import { bytes, count } from "./format.js";
import { addressFilter } from "./list.js";
import { may, ofAll } from "./may.js";
import { announce, choice, emptyNotice, problemNotice, status } from "./parts.js";
import { all } from "./space-parts.js";

const ROWS_SHOWN = 10;
const FAULTS_SHOWN = 8;
/** Names that were seen are kept, to find those that come twice. */
const NAMES_MAX = 500_000;
/** Rows of a site in one request: together they stay below what the server takes. */
const SITE_ROWS = 400;
const SITE_CHARACTERS = 100_000;
const DRAW_MILLIS = 100;

const SITE_COLUMNS = [
  "space", "name", "location", "site", "building", "floor", "zone", "sensor_eui", "sensor_id", "display_eui", "display_id",
  "display_type", "fport", "confirmed", "application",
];

export function importPage(root) {
  const filter = addressFilter("/import", ["what", "status", "protocol", "device_type", "q"]);
  let file = null;
  let look = null;
  let changing = false;
  let community = "";
  let communities = [];
  let job = null;
  let out = null;
  let problem = null;
  let closed = false;

  const site = () => filter.values.what === "site";
  const shown = () => Object.fromEntries(["status", "protocol", "device_type", "q"].map((name) => [name, filter.values[name]]));

  function draw() {
    if (!closed) {
      render(view(), root);
    }
  }

  // --- a look at the file

  /** From the first line to the last, keeping the first few rows and what is wrong. */
  async function examine(chosen) {
    file = chosen;
    job = null;
    problem = null;
    const mine = { head: null, rows: 0, good: 0, faults: [], faulty: 0, first: [], read: 0, phase: "reading", problem: null };
    look = mine;
    draw();
    const names = new Set();
    let drawn = 0;
    const fault = (line, reason) => {
      mine.faulty++;
      if (mine.faults.length < FAULTS_SHOWN) {
        mine.faults.push({ line, reason });
      }
    };
    try {
      for await (const record of records(file, (read) => { mine.read = read; })) {
        if (closed || look !== mine) {
          return;
        }
        if (mine.head === null) {
          mine.head = headOf(record);
          mine.problem = site() ? siteProblem(mine.head) : headProblem(mine.head);
          if (mine.problem) {
            break;
          }
          continue;
        }
        mine.rows++;
        try {
          const row = checked(mine.head, record, names);
          mine.good++;
          if (mine.first.length < ROWS_SHOWN) {
            mine.first.push({ line: record.line, row, outcome: null });
          }
        } catch (failure) {
          fault(record.line, failure.message);
        }
        if (performance.now() - drawn > DRAW_MILLIS) {
          drawn = performance.now();
          draw();
          await new Promise((wake) => { setTimeout(wake); }); // the page stays alive
        }
      }
    } catch (failure) {
      mine.problem = failure.message;
    }
    if (mine.rows === 0 && !mine.problem) {
      mine.problem = "There is nothing in it below the first line.";
    }
    mine.phase = "looked at";
    draw();
    if (!mine.problem && !site()) {
      await foresee(mine);
    }
    announce(mine.problem ?? `${count(mine.good)} rows can be taken, ${count(mine.faulty)} cannot`);
  }

  const headOf = ({ cells }) => cells.map((name) => name.replace("\uFEFF", "").trim());

  function siteProblem(head) {
    return head.includes("space") ? null : `The first line names the columns, and one of them must be space. Others: ${SITE_COLUMNS.slice(1).join(", ")}.`;
  }

  function checked(head, record, names) {
    const row = site() ? spaceRow(head, record) : device(head, record);
    const name = site() ? row.space : row.device_id;
    if (names.has(name)) {
      throw new Error(`${name} was there before, in this file`);
    }
    if (names.size < NAMES_MAX) {
      names.add(name);
    }
    return row;
  }

  function spaceRow(head, { cells }) {
    if (cells.length > head.length) {
      throw new Error(`it has ${cells.length} cells, the first line has ${head.length}`);
    }
    const row = Object.fromEntries(head.map((name, i) => [name, (cells[i] ?? "").trim()]));
    if (row.space === "") {
      throw new Error("it names no space");
    }
    return row;
  }

  /** What would become of the first rows. */
  async function foresee(mine) {
    await Promise.all(mine.first.map(async (one) => {
      try {
        const there = await get(devicePath(one.row.device_id));
        const names = differences(one.row, there);
        one.outcome = names.length === 0 ? "same" : `changes ${names.join(", ")}`;
      } catch (failure) {
        one.outcome = failure.status === 404 ? "new" : failure.message;
      }
    }));
    if (look === mine) {
      draw();
    }
  }

  // --- what is done with it

  async function* rows(head) {
    const names = new Set();
    let first = true;
    for await (const record of records(file)) {
      if (first) {
        first = false;
        continue;
      }
      try {
        yield { line: record.line, row: checked(head, record, names) };
      } catch (failure) {
        yield { line: record.line, wrong: failure.message };
      }
    }
  }

  function importDevices() {
    begin("Import of devices", "rows", rows(look.head), async ({ row, wrong }) => {
      if (wrong) {
        throw new Error(wrong);
      }
      return store(community && row.community_id === undefined ? { ...row, community_id: community } : row, changing);
    }, look.rows);
  }

  /** Some hundred rows at a time: what the server takes in one request has a bound. */
  async function* siteParts(head) {
    let part = [];
    let size = 0;
    for await (const one of rows(head)) {
      const line = one.wrong ? "" : plainLine(head.map((name) => one.row[name].replace(/\s+/g, " ")));
      if (part.length >= SITE_ROWS || size + line.length > SITE_CHARACTERS) {
        yield part;
        part = [];
        size = 0;
      }
      part.push({ ...one, text: line });
      size += line.length;
    }
    yield part;
  }

  function importSite() {
    begin("Import of a site", "rows", answered(look.head, siteParts(look.head)), async ({ line, wrong, faults }) => {
      const reason = wrong ?? (await faults()).get(line);
      if (reason) {
        throw new Error(reason);
      }
      return "taken";
    }, look.rows);
  }

  /** Each row waits for the answer to its part; parts go one after the other, as they may name the same places. */
  async function* answered(head, parts) {
    let before = Promise.resolve();
    for await (const part of parts) {
      let answer = null;
      const faults = () => {
        answer ??= before.then(() => sendPart(head, part));
        before = answer.catch(() => { answer = null; }); // and may be asked again
        return answer;
      };
      for (const one of part) {
        yield { ...one, faults };
      }
    }
  }

  /** @return why rows were not taken, by their lines */
  async function sendPart(head, part) {
    const good = part.filter(({ wrong }) => !wrong);
    if (good.length === 0) {
      return new Map();
    }
    const csv = [plainLine(head), ...good.map(({ text }) => text)].join("\n");
    const answer = await act("/api/v1/spaces/import", { csv, ...(community ? { community_id: community } : {}) });
    return new Map(answer.faults.map(({ line, reason }) => [good[line - 2]?.line, reason]));
  }

  function begin(title, unit, things, action, total) {
    job = Object.assign(startJob(things, action, {
      name: ({ line, row }) => ({ line, id: row?.device_id ?? row?.space }), total, changed: draw,
    }), { title, unit });
    look = null;
    draw();
  }

  async function exportAll() {
    const asking = new AbortController();
    out = { done: 0, stop: () => asking.abort() };
    problem = null;
    draw();
    try {
      const pieces = await exported(shown(), (done) => { out.done = done; draw(); }, asking.signal);
      announce(`${count(out.done)} devices are in the file`);
      download("devices.csv", pieces);
    } catch (failure) {
      problem = failure.name === "AbortError" ? null : failure;
    }
    out = null;
    draw();
  }

  // --- how it looks

  const view = () => html`
    <div class="page">
      <nav class="crumbs" aria-label="Breadcrumb"><a href="#/devices">Devices</a><span aria-hidden="true">/</span><span aria-current="page">Import and export</span></nav>
      <div class="page-head"><h1>Import and export</h1></div>
      ${problem ? problemNotice(problem) : nothing}
      ${out ? exporting() : exportPanel()}
      ${may("operator") ? importing() : nothing}
    </div>`;

  const exportPanel = () => html`
    <section class="panel" aria-label="Export">
      <div class="panel-head"><h2>Export devices</h2>
        <button type="button" class="button panel-tools" @click=${exportAll}>Export CSV</button></div>
      <p class="quiet-note">${Object.values(shown()).some((text) => text !== "")
        ? html`Those that the list shows: ${Object.entries(shown()).filter(([, text]) => text !== "").map(([name, text]) => html`<code>${name} ${text}</code> `)}<a href="#/import">all instead</a>`
        : "All devices, without secrets: what another platform, or this one, can import."}</p>
    </section>`;

  const exporting = () => html`
    <section class="panel" aria-label="Export" aria-busy="true">
      <div class="panel-head"><h2>Export devices</h2><button type="button" class="button panel-tools" @click=${out.stop}>Stop</button></div>
      <progress aria-label="Export"></progress>
      <p class="counts"><span><b class="figure">${count(out.done)}</b> <span class="muted">devices so far</span></span></p>
    </section>`;

  const importing = () => html`
    ${job ? jobPanel(job, { title: job.title, unit: job.unit, leave: () => { job = null; file = null; draw(); } }) : html`
    <section class="panel rule-form" aria-label="Import">
      <div class="panel-head"><h2>Import</h2></div>
      <div>${choice("What is imported", [["", "Devices"], ["site", "A site"]], filter.values.what, (what) => { look = null; file = null; filter.narrow({ what }); })}</div>
      <p class="quiet-note">${site()
        ? html`CSV whose first line names the columns: <code>space</code> and any of ${SITE_COLUMNS.slice(1).join(", ")}. A location is a path: <code>Harbour/Garage/Level 1</code>. May be imported again.`
        : html`CSV whose first line names the columns: <code>device_id</code> and any of ${COLUMNS.slice(1).join(", ")}, and <code>token</code>, the secret with which it connects.`}</p>
      <label class="field file"><span>File</span><input type="file" accept=".csv,text/csv" @change=${(event) => event.target.files[0] && examine(event.target.files[0])}></label>
      ${look ? looked() : nothing}
    </section>`}`;

  const looked = () => html`
    ${look.phase === "reading" ? html`
      <progress aria-label="Reading the file" max=${Math.max(1, file.size)} value=${look.read}></progress>
      <p class="muted" role="status">${bytes(look.read)} of ${bytes(file.size)} read, ${count(look.rows)} rows</p>` : nothing}
    ${look.problem ? html`<div class="notice bad" role="alert"><strong>It cannot be imported</strong><p>${look.problem}</p></div>` : nothing}
    ${look.phase === "looked at" && !look.problem ? html`
      <p class="counts" role="status">
        <span><b class="figure">${count(look.good)}</b> <span class="muted">rows can be taken</span></span>
        ${look.faulty > 0 ? html`<span class="loss"><b class="figure">${count(look.faulty)}</b> cannot</span>` : nothing}
      </p>
      ${look.faulty > 0 ? html`<ul class="tally faults">${look.faults.map(({ line, reason }) => html`<li><span class="muted">line ${count(line)}</span> ${reason}</li>`)}
        ${look.faulty > look.faults.length ? html`<li class="muted">and ${count(look.faulty - look.faults.length)} more: the report names them</li>` : nothing}</ul>` : nothing}
      ${look.first.length === 0 ? emptyNotice("Nothing can be taken", "Each row has something wrong with it.") : preview()}
      ${look.first.length === 0 ? nothing : options()}` : nothing}`;

  const preview = () => html`
    <div class="scroll" tabindex="0" role="region" aria-label="The first rows">
      <table class="list preview">
        <caption class="unseen">The first rows, and what would become of them</caption>
        <thead><tr><th scope="col">Line</th>${site() ? nothing : html`<th scope="col">Would be</th>`}${shownColumns().map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
        <tbody>${look.first.map(({ line, row, outcome }) => html`
          <tr data-line=${line}>
            <td class="figure">${line}</td>
            ${site() ? nothing : html`<td class="verdict">${verdict(outcome)}</td>`}
            ${shownColumns().map((name) => html`<td>${text(name, row[name])}</td>`)}
          </tr>`)}</tbody>
      </table>
    </div>`;

  const shownColumns = () => look.head.filter((name) => look.first.some(({ row }) => row[name] !== undefined && row[name] !== ""));

  const text = (name, value) => (name === "token" ? "•••" : typeof value === "object" ? JSON.stringify(value) : String(value ?? ""));

  const verdict = (outcome) => (outcome === null ? html`<span class="muted">…</span>`
    : outcome === "new" ? status("new")
      : outcome === "same" ? html`<span class="muted">as it is</span>`
        : outcome.startsWith("changes ") ? html`${status("other")}<span class="note">${outcome}</span>` : html`<span class="loss">${outcome}</span>`);

  const options = () => html`
    <div class="fields wide">
      ${site() ? nothing : html`
        <label class="field"><span>Devices that are there already</span>
          <select @change=${(event) => { changing = event.target.value === "change"; draw(); }}>
            <option value="leave" ?selected=${!changing}>stay as they are</option>
            <option value="change" ?selected=${changing}>become what the file says</option>
          </select></label>`}
      ${communities.length > 0 ? html`
        <label class="field"><span>Community, where a row names none</span>
          <select @change=${(event) => { community = event.target.value; }}>
            <option value="">the first one</option>${communities.map(({ id, name }) => html`<option value=${id} ?selected=${id === community}>${name}</option>`)}</select></label>` : nothing}
    </div>
    <div class="form-acts"><button type="button" class="button primary" @click=${site() ? importSite : importDevices}>Import ${count(look.good)} rows</button></div>`;

  async function lookForCommunities() {
    if (may("operator") && ofAll()) {
      try {
        communities = (await all("/api/v1/communities")).items;
        draw();
      } catch {
        // rows may still name theirs
      }
    }
  }

  document.title = "Import and export · Tethral";
  lookForCommunities();
  return {
    addressChanged(query) {
      filter.read(query);
      draw();
    },
    close() {
      closed = true;
      job?.stop();
      out?.stop();
    },
  };
}
