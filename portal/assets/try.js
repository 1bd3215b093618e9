// Try It: sends what is in the form through the gateway of the sandbox, and shows what came of it.

import { canBeFresh, fresh } from "./fresh.js";
import { correlationId, post } from "./gateway.js";
import { Fault, indented, parse, read } from "./json.js";
import { Refused, byId, codeLink, element, facts, say } from "./sandbox/control.js";
import { deliveryTitle, stages, tracesOf, wire } from "./sandbox/trace.js";
import { quote } from "./snippets.js";

/** Where a text stops to be JSON. */
const FAULTS = {
  string: ["a text in quotes is wrong or has no end", "따옴표로 묶은 문자열이 잘못되었거나 끝나지 않았습니다"],
  number: ["this is no number of JSON", "JSON 숫자가 아닙니다"],
  word: ["only true, false and null are words", "true, false, null 외의 단어가 있습니다"],
  value: ["a value has to stand here", "값이 있어야 합니다"],
  end: ["the text ends too early", "본문이 도중에 끝났습니다"],
  name: ['a name in quotes has to stand here', "따옴표로 묶은 이름이 있어야 합니다"],
  colon: ["a colon has to stand here", "콜론(:)이 있어야 합니다"],
  "comma-or-brace": ["a comma or } has to stand here", "쉼표(,)나 }가 있어야 합니다"],
  "comma-or-bracket": ["a comma or ] has to stand here", "쉼표(,)나 ]가 있어야 합니다"],
  depth: ["it is nested too deep", "중첩이 너무 깊습니다"],
  rest: ["nothing may stand behind the object", "객체 뒤에는 아무것도 올 수 없습니다"],
};

const form = byId("try");
const chosen = byId("try-case");
const body = byId("try-body");
const fault = byId("try-fault");
const status = byId("try-status");
const send = byId("try-send");
const result = byId("try-result");
const { operation, path } = form.dataset;
const examples = JSON.parse(form.dataset.examples);
/** What the words of the header Konaplate-Delivery mean. */
const deliveries = JSON.parse(form.dataset.deliveries);

const note = element("p", { id: "try-note", class: "note", hidden: true });
chosen.closest("p").after(note);
const renew = element("button", { id: "try-fresh", type: "button", hidden: true }, say("Fresh values", "새 값 넣기"));
send.after(" ", renew);
const summary = element("div", { id: "try-summary" });
byId("try-response").before(summary);
body.setAttribute("aria-describedby", "try-status");

/** The code or name of a failure that the sandbox is asked for, or null. */
function wanted() {
  const [kind, name] = chosen.value.split(/:(.*)/s);
  return kind === "code" ? name : null;
}

function explainCase() {
  const code = wanted();
  note.hidden = code === null;
  note.textContent = code === null
    ? ""
    : say(
        `The sandbox is told to respond so, by the header X-Sandbox-Response: ${code}. It carries nothing out.`,
        `X-Sandbox-Response: ${code} 헤더로 샌드박스에 이 응답을 요청합니다. 아무것도 처리되지 않습니다.`,
      );
}

/** Shows the body in the code of other languages, too. */
function follow() {
  for (const snippet of document.querySelectorAll("pre[data-snippet]")) {
    const place = snippet.querySelector("span.body");
    const quoted = quote[snippet.dataset.snippet];
    if (place !== null && quoted !== undefined) place.textContent = quoted(body.value);
  }
}

function edited() {
  body.removeAttribute("aria-invalid");
  renew.hidden = !canBeFresh(operation, body.value);
  follow();
}

/** Whether the body can be sent. If not it is said where it is wrong. */
function isGood() {
  try {
    if (read(body.value).kind === "object") return true;
    status.textContent = say("The body has to be a JSON object.", "본문은 JSON 객체여야 합니다.");
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const why = say(...FAULTS[error.reason]);
    status.textContent = say(
      `The body is no JSON: line ${error.line}, column ${error.column}: ${why}.`,
      `본문이 JSON이 아닙니다. ${error.line}행 ${error.column}열: ${why}.`,
    );
    body.setSelectionRange(error.at, error.at);
  }
  body.setAttribute("aria-invalid", "true");
  body.focus();
  return false;
}

/** Does something once at a time, and says what went wrong. */
let busy = false;
async function once(action) {
  if (busy) return;
  busy = true;
  for (const button of [send, renew]) button.setAttribute("aria-disabled", "true");
  try {
    await action();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    status.textContent = error.message;
  } finally {
    busy = false;
    for (const button of [send, renew]) button.removeAttribute("aria-disabled");
  }
}

/** A link to a payment window that the response has opened, on this origin whichever name it is called by. */
function windowLink(came) {
  const url = came?.redirectUrl;
  if (typeof url !== "string") return null;
  let address;
  try {
    address = new URL(url, location.href);
  } catch {
    return null;
  }
  if (!address.pathname.startsWith("/__sandbox/payment-window/")) return null;
  const link = element("a", { class: "button", href: address.pathname, target: "_blank", rel: "noopener" }, say("Open the payment window", "결제창 열기"));
  return element("p", {}, link);
}

function showResponse(response, text, id) {
  let came = null;
  try {
    came = parse(text);
  } catch {
    // Shown as it came.
  }
  const code = came?.response?.code;
  const delivery = response.headers.get("konaplate-delivery");
  const unread = response.headers.get("konaplate-unread");
  const problem = typeof came?.type === "string" && came.type.startsWith("urn:konaplate:problem:") ? came : null;
  summary.replaceChildren(
    facts([
      [say("HTTP status", "HTTP 상태"), String(response.status)],
      ...(typeof code === "string" ? [[say("Code", "코드"), codeLink(code)]] : []),
      ...(problem === null ? [] : [[say("Problem of the gateway", "게이트웨이의 판단"), element("span", { lang: "en" }, `${problem.title}: ${problem.detail}`)]]),
      ...(delivery === null ? [] : [["Konaplate-Delivery", [element("code", {}, delivery), " ", deliveries[delivery] ?? ""]]]),
      ...(unread === null ? [] : [["Konaplate-Unread", unread]]),
      [say("Correlation id", "상관관계 ID(correlation id)"), element("code", {}, id)],
    ]),
    ...[windowLink(came)].filter((link) => link !== null),
    element("p", {}, element("a", { href: `../../sandbox/requests/#${id}` }, say("Follow this call in the log of requests", "요청 로그에서 이 호출 보기"))),
  );
  byId("try-response").textContent = indented(text);
}

async function showTraces(id) {
  const [onWire, inside] = [byId("try-wire"), byId("try-trace")];
  let traces;
  try {
    traces = await tracesOf(id);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const nothing = error.field === "correlationId"
      ? say("The sandbox has no trace of this call: it did not arrive.", "이 호출의 처리 기록이 없습니다. 샌드박스에 도착하지 않았습니다.")
      : error.message;
    onWire.replaceChildren(element("p", { class: "note" }, nothing));
    inside.replaceChildren();
    return;
  }
  const shown = (part) =>
    traces.flatMap((trace, index) => [
      ...(traces.length > 1 ? [element("h4", {}, deliveryTitle(index, traces))] : []),
      part(trace, traces.length > 1 ? 5 : 4),
    ]);
  onWire.replaceChildren(...shown(wire));
  inside.replaceChildren(...shown(stages));
}

async function call() {
  if (!isGood()) return;
  status.textContent = say("Sending …", "보내는 중 …");
  const id = correlationId();
  const code = wanted();
  const headers = {
    "x-km-correlation-id": id,
    ...(code !== null && { "x-sandbox-response": code }),
    ...(fault.value !== "" && { "x-sandbox-fault": fault.value }),
  };
  const { response, text } = await post(path, body.value, headers);
  showResponse(response, text, id);
  await showTraces(id);
  result.hidden = false;
  status.textContent = say(
    `HTTP ${response.status}. The response and the way of the call are below.`,
    `HTTP ${response.status}. 응답과 처리 과정은 아래에 있습니다.`,
  );
}

chosen.addEventListener("change", () => {
  const [kind, name] = chosen.value.split(/:(.*)/s);
  if (kind === "example" && Object.hasOwn(examples, name)) body.value = examples[name];
  explainCase();
  edited();
});
body.addEventListener("input", edited);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  once(call);
});
renew.addEventListener("click", () => {
  once(async () => {
    if (!isGood()) return;
    status.textContent = say("Making fresh values …", "새 값을 만드는 중 …");
    const made = await fresh(operation, body.value);
    body.value = made.body;
    edited();
    status.textContent = made.done;
  });
});

// A browser that goes back fills the form in again.
explainCase();
edited();
