// Times, numbers and values as people read them.

const NUMBER = new Intl.NumberFormat("en", { maximumFractionDigits: 3 });
const COMPACT = new Intl.NumberFormat("en", { maximumFractionDigits: 2, notation: "compact" });
const COUNT = new Intl.NumberFormat("en");
const DAY_TIME = new Intl.DateTimeFormat("en-GB", {
  day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit",
});
const FULL = new Intl.DateTimeFormat("en-GB", {
  dateStyle: "full", timeStyle: "long",
});

export const count = (value) => COUNT.format(value);

export function number(value) {
  const size = Math.abs(value);
  const text = size !== 0 && size < 0.001
    ? value.toExponential(2)
    : (size >= 1e7 ? COMPACT : NUMBER).format(value);
  return text.replaceAll("-", "\u2212");
}

/** A size: `640 B`, `12.5 MiB`. */
export function bytes(size) {
  let unit = 0;
  for (; size >= 1_024 && unit < 4; unit++) {
    size /= 1_024;
  }
  return `${NUMBER.format(size < 100 && unit > 0 ? Math.round(size * 10) / 10 : Math.round(size))} ${["B", "KiB", "MiB", "GiB", "TiB"][unit]}`;
}

/** A value of a report, in one line. */
export function value(any) {
  switch (typeof any) {
    case "number": return number(any);
    case "boolean": return any ? "yes" : "no";
    case "string": return any;
    case "undefined": return "—";
    default: return any === null ? "none" : JSON.stringify(any);
  }
}

/** `{air: {temperature: 21}}` as `[["air.temperature", 21]]`. */
export function flat(document, prefix = "") {
  return Object.entries(document ?? {}).flatMap(([name, any]) =>
    any !== null && typeof any === "object" && !Array.isArray(any) && Object.keys(any).length > 0
      ? flat(any, `${prefix}${name}.`)
      : [[prefix + name, any]]);
}

/** RFC 7396, as the server merges reports. */
export function merged(document, patch) {
  const next = { ...document };
  for (const [name, any] of Object.entries(patch)) {
    if (any === null) {
      delete next[name];
    } else if (typeof any === "object" && !Array.isArray(any)) {
      const before = next[name];
      const inner = before !== null && typeof before === "object" && !Array.isArray(before) ? before : {};
      next[name] = merged(inner, any);
    } else {
      next[name] = any;
    }
  }
  return next;
}

export const dayTime = (time) => DAY_TIME.format(new Date(time));
export const fullTime = (time) => FULL.format(new Date(time));

export function ago(time, now = Date.now()) {
  const seconds = Math.round((now - new Date(time)) / 1_000);
  if (seconds < 2) {
    return "just now";
  }
  return `${duration(seconds)} ago`;
}

/** The two largest units at most: `42 s`, `12 min`, `3 h 5 min`, `2 d 4 h`. */
export function duration(seconds) {
  const whole = Math.round(seconds);
  if (whole < 1) {
    return "< 1 s";
  }
  if (whole < 60) {
    return `${whole} s`;
  }
  if (whole < 3_600) {
    return `${Math.floor(whole / 60)} min`;
  }
  const [large, small, unit, part] = whole < 86_400
    ? [Math.floor(whole / 3_600), Math.floor((whole % 3_600) / 60), "h", "min"]
    : [Math.floor(whole / 86_400), Math.floor((whole % 86_400) / 3_600), "d", "h"];
  return small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${part}`;
}
