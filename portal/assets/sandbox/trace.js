// How a call went: what was on the wire, and what the sandbox did with it.

import { indented } from "../json.js";
import { ask, codeLink, count, element, facts, hidden, krw, say, table, time, yes } from "./control.js";

/** What a check looks at, in the order in which they are made. */
const CHECKS = {
  fault: ["X-Sandbox-Fault is a fault of the sandbox, or is not there", "X-Sandbox-Fault가 없거나 샌드박스에 있는 장애입니다"],
  path: ["The description has an operation at the path", "명세에 있는 경로입니다"],
  method: ["The method is POST", "HTTP 메서드가 POST입니다"],
  body: ["The body came as HTTP frames it", "요청 본문의 HTTP 형식이 올바릅니다"],
  "correlation-id": ["X-KM-Correlation-Id has its form", "X-KM-Correlation-Id의 형식이 올바릅니다"],
  "asp-id": ["X-KM-User-AspId is the sandbox's", "X-KM-User-AspId가 샌드박스의 값입니다"],
  "access-key": ["X-KM-Access-Key is the sandbox's", "X-KM-Access-Key가 샌드박스의 값입니다"],
  "time-zone": ["X-KM-Time-Zone is KST or UTC", "X-KM-Time-Zone이 KST 또는 UTC입니다"],
  "tran-token": ["X-KM-Tran-Token has its form", "X-KM-Tran-Token의 형식이 올바릅니다"],
  "tran-time": ["X-KM-Tran-Time is the token's time", "X-KM-Tran-Time이 토큰의 시각과 같습니다"],
  signature: ["The token signs the body that came", "토큰이 전송된 본문의 서명입니다"],
  "call-time": ["The call was made within 5 minutes of the sandbox's time", "호출 시각과 샌드박스 시각의 차이가 5분 이내입니다"],
  "content-type": ["Content-Type is JSON in UTF-8, uncompressed", "Content-Type이 압축하지 않은 UTF-8 JSON입니다"],
  json: ["The body is a JSON object without a name twice", "본문이 같은 이름이 두 번 없는 JSON 객체입니다"],
  encryption: ["The body is encrypted where it has to be, and can be decrypted", "암호화 대상 본문이 암호화되어 있고 복호화할 수 있습니다"],
  plaintext: ["The plaintext is such an object, too", "평문도 그러한 JSON 객체입니다"],
  "fresh-id": ["The correlation id was not used before", "상관관계 ID(correlation id)가 사용된 적이 없습니다"],
  response: ["X-Sandbox-Response is a response of the operation, or is not there", "X-Sandbox-Response가 없거나 이 API에 있는 응답입니다"],
  schema: ["The fields follow the description", "필드가 명세와 맞습니다"],
  state: ["The state allows it, by the rules of the operation", "현재 상태와 API의 규칙에서 할 수 있는 요청입니다"],
};

/** The traces of a call, oldest first. */
export async function tracesOf(id) {
  const { traces } = await ask(`trace?correlationId=${encodeURIComponent(id)}`);
  return traces;
}

/** The text of what came or went, or its base64 where it is none. */
function textOf(content) {
  return content.text ?? `base64: ${content.base64}`;
}

/** What can be longer than the page is wide. */
function pre(label, text, properties = {}) {
  return element("pre", { tabindex: "0", role: "group", "aria-label": label, ...properties }, text);
}

function headersOf(headers) {
  return headers.map(({ name, value, base64 }) => `${name}: ${value ?? `base64: ${base64}`}`).join("\n");
}

/** Whether a body is an envelope. */
function isEncrypted(body) {
  return body !== null && body.text !== undefined && /^\s*\{\s*"encData"\s*:/.test(body.text);
}

function bodyTitle(body) {
  return isEncrypted(body) ? say("Body, encrypted (JWE)", "본문 (암호화, JWE)") : say("Body", "본문");
}

/** What is wider than a trace is shown with a heading of this level. */
function heading(level, text) {
  return element(`h${level}`, {}, text);
}

/** The request and the response as they were on the wire. */
export function wire(trace, level) {
  const { request, verify, render } = trace;
  const requestLine = `${request.method} ${request.path}`;
  const came = [
    heading(level, say("Request", "요청")),
    pre(say("Request line and headers", "요청 줄과 헤더"), `${requestLine}\n${headersOf(request.headers)}`),
  ];
  if (request.body === null) {
    came.push(element("p", { class: "note" }, say("The body could not be read.", "본문을 읽을 수 없었습니다.")));
  } else {
    came.push(heading(level + 1, bodyTitle(request.body)), pre(bodyTitle(request.body), textOf(request.body)));
  }
  if (verify.signed !== null) {
    const form = verify.signed.form === "base64-body" ? say("the base64 of the body", "본문의 base64") : say("the body as it was sent", "전송된 본문 그대로");
    const title = say(`What X-KM-Tran-Token signs: ${form}`, `X-KM-Tran-Token이 서명하는 메시지: ${form}`);
    came.push(heading(level + 1, title), pre(title, textOf(verify.signed.message)));
  }
  const went = [heading(level, say("Response", "응답"))];
  const { sent } = render;
  if (sent === null) {
    went.push(element("p", { class: "warning" }, say("No response went out.", "응답이 나가지 않았습니다.")));
  } else {
    const status = sent.status === null ? say("cut within the head", "헤더 도중에 끊김") : `HTTP ${sent.status}`;
    went.push(pre(say("Status and headers", "상태와 헤더"), `${status}\n${headersOf(sent.headers)}`));
    if (sent.body === null) {
      went.push(element("p", { class: "note" }, say("Nothing of a body went out.", "본문은 나가지 않았습니다.")));
    } else {
      went.push(heading(level + 1, bodyTitle(sent.body)), pre(bodyTitle(sent.body), textOf(sent.body)));
    }
  }
  return element("div", { class: "wire" }, element("section", {}, came), element("section", {}, went));
}

/** A check and how it went, as a sign and as a word. */
function checkItem({ name, passed, expected }) {
  const [sign, word, style] =
    passed === undefined
      ? ["–", say("not reached", "확인하지 않음"), "open"]
      : passed
        ? ["✓", say("passed", "통과"), "good"]
        : ["✗", say("failed", "실패"), "bad"];
  const texts = CHECKS[name] ?? [name, name];
  return element(
    "li",
    { class: style },
    element("span", { class: "sign", "aria-hidden": "true" }, sign),
    " ",
    element("span", {}, say(...texts)),
    " ",
    element("code", {}, name),
    hidden(`: ${word}`),
    expected === undefined ? null : element("p", { lang: "en" }, say("Expected: ", "기대한 내용: "), expected),
  );
}

function verifyStage({ checks }, level) {
  const failed = checks.find(({ passed }) => passed === false);
  const reached = checks.filter(({ passed }) => passed === true).length;
  const total = failed
    ? say(`Failed at ${failed.name}`, `${failed.name}에서 실패`)
    : reached === checks.length
      ? say(`All ${checks.length} checks passed`, `검사 ${checks.length}개 모두 통과`)
      : say(`${reached} of ${checks.length} checks were made`, `검사 ${checks.length}개 중 ${reached}개 수행`);
  return element(
    "section",
    { class: "stage" },
    heading(level, say("1. Verify", "1. 검증(verify)")),
    element("p", { class: failed ? "bad" : "good" }, total),
    element("ol", { class: "checks" }, checks.map(checkItem)),
  );
}

/** A posting's accounts, with a row for each. */
export function postingRows(posting) {
  return posting.legs.map(({ account, amount }, index) =>
    element(
      "tr",
      {},
      index > 0
        ? null
        : [
            element("th", { scope: "row", rowspan: String(posting.legs.length) }, String(posting.number)),
            element("td", { rowspan: String(posting.legs.length) }, time(posting.time)),
            element("td", { rowspan: String(posting.legs.length) }, element("code", {}, posting.kind)),
          ],
      element("td", {}, element("code", {}, account)),
      element("td", { class: "amount" }, (amount > 0 ? "+" : "") + krw(amount)),
    ),
  );
}

/** The heads of a table of postings. */
export function postingHeads() {
  return [
    say("Number", "번호"),
    say("Time, KST", "시각 (KST)"),
    say("Kind", "종류"),
    say("Account", "계정"),
    say("Amount", "금액"),
  ];
}

function executeStage(execute, level) {
  const { code, carriedOut, fault, postings, request, encrypted } = execute;
  const parts = [
    heading(level, say("2. Execute", "2. 처리(execute)")),
    facts([
      [say("Code", "코드"), code === null ? null : codeLink(code)],
      [say("Carried out", "처리 여부"), element("span", { class: carriedOut ? "good" : "open" }, yes(carriedOut))],
      [say("Fault that was injected", "주입된 장애"), fault === null ? null : element("code", {}, fault)],
    ]),
  ];
  if (request !== null) {
    const title = encrypted ? say("Plaintext of the request, decrypted", "복호화한 요청 평문") : say("Request as it was read", "읽은 요청");
    parts.push(heading(level + 1, title), pre(title, indented(textOf(request))));
  }
  if (postings !== null && postings.list.length > 0) {
    const caption = say("Postings to the ledger", "원장에 기록된 분개");
    parts.push(table(caption, postingHeads(), postings.list.flatMap(postingRows)));
  } else if (postings !== null) {
    parts.push(element("p", { class: "note" }, say("No money moved in the ledger.", "원장에서 이동한 금액이 없습니다.")));
  }
  return element("section", { class: "stage" }, parts);
}

function renderStage(render, level) {
  const parts = [heading(level, say("3. Render", "3. 응답 작성(render)"))];
  if (render.body === null) {
    parts.push(element("p", { class: "note" }, say("No response was made: the fault came before.", "응답을 만들기 전에 장애가 주입되었습니다.")));
  } else {
    const title = render.encrypted
      ? say("Plaintext of the response, encrypted before it went out", "응답 평문 (암호화하여 전송)")
      : say("Response", "응답");
    parts.push(pre(title, indented(textOf(render.body))), element("p", {}, say("Encrypted: ", "암호화: "), yes(render.encrypted)));
  }
  if (render.sent === null) {
    parts.push(element("p", { class: "warning" }, say("Nothing went out: the connection was closed.", "응답을 보내지 않고 연결을 닫았습니다.")));
  } else if (render.sent.status === null) {
    parts.push(element("p", { class: "warning" }, say("The response was cut within its head.", "응답이 헤더 도중에 끊겼습니다.")));
  } else {
    parts.push(element("p", {}, say(`Sent with HTTP status ${render.sent.status}.`, `HTTP 상태 ${render.sent.status}(으)로 전송하였습니다.`)));
  }
  return element("section", { class: "stage" }, parts);
}

/** What the sandbox did with a call, in three stages. */
export function stages(trace, level) {
  return element(
    "div",
    { class: "stages" },
    verifyStage(trace.verify, level),
    executeStage(trace.execute, level),
    renderStage(trace.render, level),
  );
}

/** Which delivery of the call a trace is of, where there are several. */
export function deliveryTitle(index, traces) {
  return say(`Delivery ${count(index + 1)} of ${count(traces.length)}`, `${count(traces.length)}회 중 ${count(index + 1)}번째 전달`);
}
