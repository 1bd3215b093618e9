// The sandbox's time.

import { announce, ask, attempt, byId, clockText, onPress, onSubmit, say } from "./control.js";

const now = byId("now");

/** How far the sandbox's time is from this machine's, in milliseconds; or where it stands. */
let ahead = null;
let stopped = null;

function tick() {
  if (ahead === null && stopped === null) return;
  const instant = new Date(stopped ?? Date.now() + ahead).toISOString();
  now.dateTime = instant;
  now.textContent = clockText(instant);
}

function show(clock) {
  const at = Date.parse(clock.now);
  [stopped, ahead] = clock.stopped ? [at, null] : [null, at - Date.now()];
  byId("going").textContent = clock.stopped ? say("stopped", "멈춤") : say("going", "진행 중");
  const field = byId("stop-at");
  if (field.value === "") field.value = clockText(clock.now).replace(" ", "T");
  tick();
}

async function read() {
  show(await ask("clock"));
}

async function advance(seconds) {
  show(await ask("clock/advance", { method: "POST", body: { seconds } }));
  announce(say(`The clock is at ${now.textContent}.`, `시계가 ${now.textContent}이(가) 되었습니다.`));
}

for (const button of document.querySelectorAll("button[data-seconds]")) {
  onPress(button, () => advance(Number(button.dataset.seconds)));
}
onSubmit(byId("advance"), () => advance(Number(byId("advance-seconds").value)));
onSubmit(byId("stop"), async () => {
  // A time without seconds has none where they are 0.
  const at = byId("stop-at").value;
  const whole = at.length === 16 ? `${at}:00` : at;
  show(await ask("clock/stop", { method: "POST", body: { at: `${whole}+09:00` } }));
  announce(say(`The clock stands at ${now.textContent}.`, `시계를 ${now.textContent}에 멈추었습니다.`));
});
onPress(byId("refresh"), async () => {
  await read();
  announce(say("Read again.", "새로 읽었습니다."));
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") attempt(read);
});
setInterval(tick, 1000);
await attempt(read);
