// What the pages of the sandbox have in common: its control API, how values are shown, and what is said.

import { parse } from "../json.js";

/** The language of the page. */
export const language = document.documentElement.lang === "ko" ? "ko" : "en";

/** A text of the page's language. */
export function say(english, korean) {
  return language === "ko" ? korean : english;
}

/** An element with properties and children. A child is a node or a text; null is none. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [property, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (property.startsWith("on")) made.addEventListener(property.slice(2), value);
    else made.setAttribute(property, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

/** The element of an id. */
export function byId(id) {
  return document.getElementById(id);
}

/** What the sandbox refuses, or why it does not respond. */
export class Refused extends Error {
  constructor(message, field = null, status = null) {
    super(message);
    this.field = field;
    this.status = status;
  }
}

/** The text of a response of the control API. */
export async function askText(path, { method = "GET", body = null } = {}) {
  let response;
  let text;
  try {
    response = await fetch(`/__sandbox/${path}`, {
      method,
      cache: "no-store",
      ...(method === "POST" && {
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body ?? {}),
      }),
    });
    text = await response.text();
  } catch {
    throw new Refused(say("The sandbox does not respond. Is it running?", "샌드박스가 응답하지 않습니다. 실행 중인지 확인하십시오."));
  }
  if (response.ok) return text;
  let error = null;
  try {
    error = parse(text).error ?? null;
  } catch {
    // Not of the control API.
  }
  if (error === null) throw new Refused(`HTTP ${response.status}`, null, response.status);
  throw new Refused(`${error.field}: ${error.rule}`, error.field, response.status);
}

/** A response of the control API, with no digit lost. */
export async function ask(path, request) {
  return parse(await askText(path, request));
}

/** Says that something was done. */
export function announce(text) {
  const status = byId("status");
  if (status !== null) status.textContent = text;
}

/** Says what went wrong, or takes it away. */
export function complain(text) {
  const alert = byId("alert");
  alert.textContent = text ?? "";
  alert.hidden = text === null;
}

/** Does something, and says what went wrong with it. Whether nothing did. */
export async function attempt(action) {
  try {
    await action();
    complain(null);
    return true;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    complain(error.message);
    return false;
  }
}

/** Does something when a form is sent, and nothing a second time before that has ended. */
export function onSubmit(form, action) {
  let busy = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    try {
      await attempt(() => action(event.submitter));
    } finally {
      busy = false;
    }
  });
}

/** The same for a button. */
export function onPress(button, action) {
  let busy = false;
  button.addEventListener("click", async () => {
    if (busy) return;
    busy = true;
    try {
      await attempt(action);
    } finally {
      busy = false;
    }
  });
}

/** Reads something now, every 3 seconds while its box is ticked and the page is seen, and when its button is pressed. */
export function refresh(read) {
  const auto = byId("auto");
  const now = () => attempt(read);
  let busy = false;
  const tick = async () => {
    if (busy || !auto.checked || document.visibilityState !== "visible") return;
    busy = true;
    try {
      await now();
    } finally {
      busy = false;
    }
  };
  setInterval(tick, 3000);
  document.addEventListener("visibilitychange", tick);
  onPress(byId("refresh"), async () => {
    await read();
    announce(say("Read again.", "새로 읽었습니다."));
  });
  return now();
}

const CLOCK = new Intl.DateTimeFormat("sv-SE", {
  timeZone: "Asia/Seoul",
  dateStyle: "short",
  timeStyle: "medium",
});

/** An instant as Korea writes it, 2026-03-15 10:45:12. */
export function clockText(instant) {
  return CLOCK.format(new Date(instant));
}

/** An instant, with the whole of it for whoever points at it. */
export function time(instant) {
  return element("time", { datetime: instant, title: instant }, clockText(instant));
}

const NUMBERS = new Intl.NumberFormat(language === "ko" ? "ko-KR" : "en-US");

/** A number with its thousands. */
export function count(number) {
  return NUMBERS.format(number);
}

/** An amount of money. */
export function krw(amount) {
  return say(`${count(amount)} KRW`, `${count(amount)}원`);
}

/** What stands where there is nothing. */
export function none() {
  return element("span", { class: "none" }, element("span", { "aria-hidden": "true" }, "–"), hidden(say("none", "없음")));
}

/** A text for who listens to the page. */
export function hidden(text) {
  return element("span", { class: "hidden" }, text);
}

/** Yes or no, as text. */
export function yes(is) {
  return is ? say("yes", "예") : say("no", "아니요");
}

/** A cell of a table. */
export function cell(content, properties = {}) {
  return element("td", properties, content ?? none());
}

/** A table in a box that can be scrolled by keyboard. */
export function table(caption, heads, rows) {
  return element(
    "div",
    { class: "wide", tabindex: "0", role: "group", "aria-label": caption },
    element(
      "table",
      {},
      element("caption", {}, caption),
      element("thead", {}, element("tr", {}, heads.map((head) => element("th", { scope: "col" }, head)))),
      element("tbody", {}, rows),
    ),
  );
}

/** Names and what is said of them. */
export function facts(pairs) {
  return element("dl", { class: "facts" }, pairs.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value ?? none())]));
}

/** A link to an operation of the reference. */
export function operationLink(id) {
  return element("a", { href: `../../operations/${encodeURIComponent(id)}/` }, element("code", {}, id));
}

/** A code of the platform, with a link to what it means; one of the sandbox's own alone. */
export function codeLink(code) {
  if (!/^[0-9]{3}_[0-9]{3}$/.test(code) || code === "000_000") return element("code", {}, code);
  return element("a", { href: `../../codes/#${code}` }, element("code", {}, code));
}

/** A link to the page of the ledger's postings or of a call's trace. */
export function callLink(id) {
  return element("a", { href: `../../sandbox/requests/#${encodeURIComponent(id)}` }, element("code", {}, id));
}
