// Callbacks: where they go, and which wait.

import { announce, ask, byId, cell, count, element, none, onPress, onSubmit, refresh, say } from "./control.js";

const KINDS = {
  transaction: ["transaction", "거래"],
  "card-activated": ["card activated", "카드 활성화"],
  "member-withdrawn": ["member withdrawn", "회원 탈퇴"],
};
const STATES = {
  waiting: ["waiting", "대기 중"],
  delivered: ["delivered", "전달됨"],
  "given-up": ["given up", "포기함"],
};
const STYLES = { waiting: "open", delivered: "good", "given-up": "bad" };

let shown = null;

function word(words, value) {
  return Object.hasOwn(words, value) ? say(...words[value]) : value;
}

function row({ id, kind, state, tries, lastStatus }) {
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, String(id)),
    cell(word(KINDS, kind)),
    cell(word(STATES, state), { class: STYLES[state] }),
    cell(count(tries)),
    cell(lastStatus === null ? null : String(lastStatus)),
  );
}

function show(now) {
  const { url, encrypted, callbacks } = now;
  const same = JSON.stringify(now);
  if (same === shown) return;
  shown = same;
  byId("where").replaceChildren(
    element("dt", {}, say("Address", "주소")),
    element("dd", {}, url === null ? none() : element("code", {}, url)),
    element("dt", {}, say("Encryption", "암호화")),
    element("dd", {}, encrypted === null ? none() : encrypted ? say("encrypted", "암호화") : say("plain", "평문")),
  );
  byId("callbacks").tBodies[0].replaceChildren(...callbacks.reverse().map(row));
}

onSubmit(byId("start"), async () => {
  const body = { url: byId("start-url").value, encrypted: byId("start-encrypted").checked };
  show(await ask("callbacks", { method: "POST", body }));
  announce(say("Changes from now on are sent there.", "이제부터 변경 내용을 이 주소로 보냅니다."));
});
onPress(byId("stop"), async () => {
  show(await ask("callbacks", { method: "DELETE" }));
  announce(say("No callbacks are sent. Those that wait keep waiting.", "콜백을 보내지 않습니다. 대기 중인 콜백은 그대로 남습니다."));
});
onPress(byId("deliver"), async () => {
  show(await ask("callbacks/deliver", { method: "POST" }));
  announce(say("All that wait were sent once.", "대기 중인 콜백을 모두 한 번씩 보냈습니다."));
});
await refresh(async () => show(await ask("callbacks")));
