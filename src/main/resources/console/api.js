// The REST API and the live stream.

/** What the server answered instead of what was asked for: an RFC 9457 problem, or no answer at all (status 0). */
export class Problem extends Error {
  /** @param type the last word of the problem's type, such as `device-id-taken` */
  constructor(status, detail, type = "") {
    super(detail);
    this.status = status;
    this.type = type;
  }
}

/** Whoever shows pages is told here when the session is over. */
export const session = new EventTarget();

export async function get(path, query = {}, signal = undefined) {
  const address = new URL(path, location.origin);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") {
      address.searchParams.set(name, value);
    }
  }
  return ask(address, { signal });
}

/** Has the server do something; returns its answer. */
export async function act(path, body = undefined, headers = {}) {
  return ask(new URL(path, location.origin), {
    method: "POST",
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body), type: "application/json" }),
  });
}

/** Changes what is named in `patch`, of the version that was seen; `*`: of any. */
export async function change(path, patch, version) {
  return ask(new URL(path, location.origin), {
    method: "PATCH",
    body: JSON.stringify(patch),
    type: "application/merge-patch+json",
    version,
  });
}

export async function remove(path) {
  return ask(new URL(path, location.origin), { method: "DELETE" });
}

/** Opens a session; whoever waits for one is told. */
export async function signIn(email, password) {
  let response;
  try {
    response = await fetch("/sign-in", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ email, password }),
    });
  } catch {
    throw new Problem(0, "The server does not answer.");
  }
  if (!response.ok) {
    throw await problem(response);
  }
  session.dispatchEvent(new Event("begun"));
}

export async function signOut() {
  await ask(new URL("/sign-out", location.origin), { method: "POST" });
  session.dispatchEvent(new Event("over"));
}

async function ask(address, { type, version, ...options }) {
  let response;
  try {
    const headers = {
      Accept: "application/json",
      ...(type ? { "Content-Type": type } : {}),
      ...options.headers,
      ...(version === undefined ? {} : { "If-Match": version === "*" ? "*" : `"${version}"` }),
    };
    response = await fetch(address, { ...options, headers });
  } catch (failure) {
    if (failure.name === "AbortError") {
      throw failure;
    }
    throw new Problem(0, "The server does not answer.");
  }
  if (response.status === 401) {
    session.dispatchEvent(new Event("over"));
  }
  if (!response.ok) {
    throw await problem(response);
  }
  return response.status === 204 ? null : response.json();
}

async function problem(response) {
  try {
    const { type, title, detail, errors } = await response.json();
    const fields = (errors ?? []).map(({ field, reason }) => `${field} ${reason}`);
    return new Problem(response.status, [detail ?? title ?? response.statusText, ...fields].join(" · "), (type ?? "").split(/[/:]/).at(-1));
  } catch {
    return new Problem(response.status, response.statusText || `status ${response.status}`);
  }
}

export const devicePath = (id) => `/api/v1/devices/${encodeURIComponent(id)}`;

export const alertPath = (id) => `/api/v1/alerts/${encodeURIComponent(id)}`;

export const alertRulePath = (id) => `/api/v1/alert-rules/${encodeURIComponent(id)}`;

export const subscriptionPath = (id) => `/api/v1/subscriptions/${encodeURIComponent(id)}`;

export const userPath = (id) => `/api/v1/users/${encodeURIComponent(id)}`;

/** How the live stream fares: "connecting", "live" or "away". */
export const liveness = Object.assign(new EventTarget(), { state: "connecting" });

function tell(state) {
  if (liveness.state !== state) {
    liveness.state = state;
    liveness.dispatchEvent(new Event("change"));
  }
}

const KINDS = ["reported", "state", "connection", "desired", "configuration", "command", "lost"];
const RETRY_MILLIS_MIN = 1_000;
const RETRY_MILLIS_MAX = 15_000;

/**
 * Follows what is committed, of one device or of all, and connects again by itself.
 *
 * @param deviceId null: all
 * @param on called with each kind and its data; "again" when something may have been missed
 * @return ends it
 */
export function follow(deviceId, on) {
  const address = "/api/v1/live" + (deviceId === null ? "" : `?device_id=${encodeURIComponent(deviceId)}`);
  return connect(address, KINDS, (kind, data) => on(kind === "lost" ? "again" : kind, data));
}

/**
 * Follows the event log from now on, and connects again by itself.
 *
 * @param query which events, as the API has it
 * @param on called with "event" and the event; with "again" when something may have been missed
 * @return ends it
 */
export function followEvents(query, on) {
  const address = `/api/v1/events/stream?${new URLSearchParams(query)}`;
  return connect(address, ["message"], (kind, data) => on(kind === "message" ? "event" : kind, data));
}

function connect(address, kinds, on) {
  let source;
  let timer;
  let retryMillis = RETRY_MILLIS_MIN;
  let missed = false;
  let ended = false;

  function open() {
    source = new EventSource(address);
    source.addEventListener("open", () => {
      retryMillis = RETRY_MILLIS_MIN;
      tell("live");
      if (missed) {
        on("again", {});
      }
      missed = false;
    });
    source.addEventListener("error", () => {
      missed = true;
      source.close(); // its own retries end with the first answer that is not 200
      tell("away");
      timer = setTimeout(retry, retryMillis);
      retryMillis = Math.min(RETRY_MILLIS_MAX, retryMillis * 2);
    });
    for (const kind of kinds) {
      source.addEventListener(kind, (event) => on(kind, JSON.parse(event.data)));
    }
  }

  async function retry() {
    try {
      await get("/api/v1/whoami");
    } catch (problem) {
      if (problem.status === 401) {
        return;
      }
    }
    if (!ended) {
      open();
    }
  }

  tell("connecting");
  open();
  return () => {
    ended = true;
    clearTimeout(timer);
    source.close();
  };
}
