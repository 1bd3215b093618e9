// The log of requests, and the trace of the call that the address names.

import { parse } from "../json.js";
import {
  Refused, announce, askText, attempt, byId, cell, codeLink, count, element, onPress, operationLink, refresh, say, time, yes,
} from "./control.js";
import { deliveryTitle, stages, tracesOf, wire } from "./trace.js";

/** How many rows are shown at first, and how many more at a time. */
const ROWS = 200;

const rows = byId("log").tBodies[0];
const wanted = byId("filter-text");
const call = byId("call");

let text = null;
let log = [];
let most = ROWS;

/** Whether a row has the text that is looked for, in what it shows. */
function has(request, part) {
  const { operation, correlationId, status, code, fault } = request;
  return [operation, correlationId, status, code, fault].some((value) => String(value ?? "").toLowerCase().includes(part));
}

function row(request) {
  const { time: at, operation, correlationId: id, status, code, carriedOut, fault } = request;
  const link = id === null ? null : element("a", { href: `#${id}`, "data-call": id }, element("code", {}, id));
  const made = element(
    "tr",
    { class: id !== null && location.hash === `#${id}` ? "current" : null },
    cell(time(at)),
    cell(operation === null ? null : operationLink(operation)),
    cell(link),
    cell(status === null ? say("no response", "응답 없음") : String(status)),
    cell(code === null ? null : codeLink(code)),
    cell(yes(carriedOut), { class: carriedOut ? "good" : "open" }),
    cell(fault === null ? null : element("code", {}, fault)),
  );
  if (id !== null) {
    made.addEventListener("click", (event) => {
      if (event.target.closest("a") === null) location.hash = id;
    });
  }
  return made;
}

function show() {
  const part = wanted.value.trim().toLowerCase();
  const found = log.filter((request) => has(request, part));
  // Who is in the table stays where they are.
  const at = document.activeElement?.dataset?.call;
  rows.replaceChildren(...found.slice(0, most).map(row));
  if (at !== undefined) rows.querySelector(`[data-call="${CSS.escape(at)}"]`)?.focus({ preventScroll: true });
  byId("more").hidden = found.length <= most;
  const shown = Math.min(found.length, most);
  byId("shown").textContent = log.length === 0
    ? say("No call has come yet. Try It is on the page of each operation.", "아직 받은 호출이 없습니다. 각 API 페이지의 '호출해 보기'로 호출할 수 있습니다.")
    : say(`${count(shown)} of ${count(log.length)} calls`, `호출 ${count(log.length)}개 중 ${count(shown)}개`);
}

async function read() {
  const now = await askText("requests");
  if (now === text) return;
  const before = text === null ? null : log.length;
  text = now;
  log = parse(now).requests.reverse();
  show();
  if (before !== null && log.length > before) {
    const more = log.length - before;
    announce(say(`${count(more)} new`, `새 호출 ${count(more)}개`));
  }
}

/** Shows how the call went that the address names. */
async function open() {
  const id = decodeURIComponent(location.hash.slice(1));
  if (!/^[0-9]{12}-[0-9a-f]{7}$/.test(id)) {
    call.hidden = true;
    show();
    return;
  }
  const title = `${say("Call", "호출")} ${id}`;
  let content;
  try {
    const traces = await tracesOf(id);
    content = traces.flatMap((trace, index) => [
      ...(traces.length > 1 ? [element("h3", {}, deliveryTitle(index, traces))] : []),
      ...[stages(trace, traces.length > 1 ? 4 : 3)],
      element(traces.length > 1 ? "h4" : "h3", {}, say("On the wire", "전송 내용")),
      wire(trace, traces.length > 1 ? 5 : 4),
    ]);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const why = error.field === "correlationId"
      ? say("There is no trace of this call: those of the last 200 are kept.", "이 호출의 처리 기록이 없습니다. 최근 호출 200개의 기록만 보관합니다.")
      : error.message;
    content = [element("p", { class: "note" }, why)];
  }
  byId("call-title").textContent = title;
  byId("call-content").replaceChildren(...content);
  call.hidden = false;
  show();
  call.focus({ preventScroll: true });
  call.scrollIntoView();
}

byId("filter").addEventListener("submit", (event) => event.preventDefault());
wanted.addEventListener("input", () => {
  most = ROWS;
  show();
  announce(byId("shown").textContent);
});
onPress(byId("more"), () => {
  most += ROWS;
  show();
});
addEventListener("hashchange", () => attempt(open));
await refresh(read);
if (location.hash !== "") await attempt(open);
