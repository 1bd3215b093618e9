// Faults: which are set, and setting them.

import { announce, ask, attempt, byId, count, element, none, onPress, onSubmit, operationLink, say } from "./control.js";

function code(text) {
  return element("code", {}, text);
}

/** Parts with a comma between each two. */
function listed(parts) {
  return parts.length === 0 ? [none()] : parts.flatMap((part, index) => (index === 0 ? [part] : [", ", part]));
}

function show({ next, operations, rate }) {
  const pair = (name, value) => [element("dt", {}, name), element("dd", {}, value)];
  const ofOperations = Object.entries(operations).map(([id, fault]) => element("span", {}, operationLink(id), ": ", code(fault)));
  const share = rate === null ? [none()] : [say(`${rate.rate} of the calls, seed ${rate.seed}: `, `호출의 ${rate.rate}, 시드 ${rate.seed}: `), ...listed(rate.faults.map(code))];
  byId("set").replaceChildren(
    ...pair(say("The next calls", "다음 호출"), listed(next.map(code))),
    ...pair(say("By operation", "API별"), listed(ofOperations)),
    ...pair(say("At random", "무작위"), share),
  );
}

async function read() {
  show(await ask("faults"));
}

function set(form, request) {
  onSubmit(byId(form), async () => {
    const { path, body } = request();
    show(await ask(path, { method: "POST", body }));
    announce(say("The fault is set.", "장애를 설정하였습니다."));
  });
}

/** What is typed, without the spaces around it. */
function typed(id) {
  return byId(id).value.trim();
}

set("next", () => ({ path: "faults/next", body: { fault: typed("next-fault") } }));
set("operation", () => ({
  path: "faults/operation",
  body: { operation: byId("operation-id").value, fault: typed("operation-fault") },
}));
set("rate", () => ({
  path: "faults/rate",
  body: {
    rate: Number(byId("rate-share").value),
    seed: Number(byId("rate-seed").value),
    faults: typed("rate-faults").split(",").map((fault) => fault.trim()).filter((fault) => fault !== ""),
  },
}));
onPress(byId("clear"), async () => {
  show(await ask("faults", { method: "DELETE" }));
  announce(say("No fault is set.", "모든 장애를 해제하였습니다."));
});
onPress(byId("refresh"), async () => {
  await read();
  announce(say("Read again.", "새로 읽었습니다."));
});
onPress(byId("deliver"), async () => {
  const { delivered } = await ask("held/deliver", { method: "POST" });
  announce(say(`Delivered: ${count(delivered)}.`, `전달한 요청: ${count(delivered)}개`));
});
await attempt(read);
