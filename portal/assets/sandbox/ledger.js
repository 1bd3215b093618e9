// Accounts and postings, and a reset.

import { announce, ask, attempt, byId, callLink, cell, complain, count, element, krw, onPress, refresh, say, time } from "./control.js";

/** How many postings are read at a time. */
const PAGE = 100;

const accounts = byId("accounts").tBodies[0];
const postings = byId("postings");
const dialog = byId("reset-dialog");

/** The number of all postings when they were read, and that of the oldest one that is shown. */
let all = null;
let oldest = 0;

function accountRow({ name, userId, balance }) {
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, element("code", {}, name)),
    cell(userId === null ? null : String(userId)),
    cell(krw(balance), { class: "amount" }),
  );
}

/** A posting as a body of the table, since it has a row for each account. */
function postingBody({ number, time: at, kind, correlationId, nrNumber, legs }) {
  const rowspan = String(Math.max(legs.length, 1));
  const head = [
    element("th", { scope: "rowgroup", rowspan }, count(number)),
    // What was there at the start has no time of the sandbox's.
    cell(kind === "opening" ? null : time(at), { rowspan }),
    cell(element("code", {}, kind), { rowspan }),
    cell(correlationId === null ? null : callLink(correlationId), { rowspan }),
    cell(nrNumber === "" ? null : element("code", {}, nrNumber), { rowspan }),
  ];
  const leg = ({ account, amount }) => [
    cell(element("code", {}, account)),
    cell((amount > 0 ? "+" : "") + krw(amount), { class: "amount" }),
  ];
  const rows = legs.map((one, index) => element("tr", {}, index === 0 ? head : null, leg(one)));
  return element("tbody", {}, rows.length === 0 ? element("tr", {}, head) : rows);
}

/** The postings before a number, newest first. */
async function page(before) {
  const from = Math.max(before - PAGE, 0);
  const { postings: read } = await ask(`ledger?from=${from}`);
  return { from, bodies: read.filter(({ number }) => number < before).reverse().map(postingBody) };
}

function showCount() {
  byId("shown").textContent = say(
    `${count(all - oldest)} of ${count(all)} postings`,
    `분개 ${count(all)}개 중 ${count(all - oldest)}개`,
  );
  byId("more").hidden = oldest === 0;
}

async function read() {
  // Behind the last posting there is none: accounts alone.
  const now = await ask(`ledger?from=${all ?? 0}`);
  const total = byId("total");
  const sum = say(`All balances add up to ${krw(now.total)}.`, `모든 잔액의 합계는 ${krw(now.total)}입니다.`);
  if (total.textContent !== sum) total.textContent = sum;
  total.className = now.total === 0 ? "good" : "bad";
  accounts.replaceChildren(...now.accounts.map(accountRow));
  if (now.count === all) return;
  if (all === null || now.count < all) oldest = now.count;
  // As many as were shown before, at least a page.
  const least = Math.min(oldest, Math.max(now.count - PAGE, 0));
  const bodies = [];
  let before = now.count;
  while (before > least) {
    const next = await page(before);
    bodies.push(...next.bodies);
    before = next.from;
  }
  for (const body of Array.from(postings.tBodies)) body.remove();
  postings.append(...bodies);
  if (all !== null && now.count > all) {
    const more = now.count - all;
    announce(say(`${count(more)} new`, `새 분개 ${count(more)}개`));
  }
  [all, oldest] = [now.count, before];
  showCount();
}

onPress(byId("more"), async () => {
  const next = await page(oldest);
  postings.append(...next.bodies);
  oldest = next.from;
  showCount();
  announce(byId("shown").textContent);
});
byId("reset").addEventListener("click", () => dialog.showModal());
byId("reset-no").addEventListener("click", () => dialog.close());
byId("reset-yes").addEventListener("click", async () => {
  dialog.close();
  await attempt(async () => {
    await ask("reset", { method: "POST" });
    all = null;
    await read();
    announce(say("The sandbox is as it was at the start.", "샌드박스를 초기화하였습니다."));
  });
});
complain(null);
await refresh(read);
