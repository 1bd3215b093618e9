// Promise: Try It makes real calls of the sandbox, and shows all of them; the payment window moves money only when it
// is approved.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { BASE, browser, open, visit } from "../../src/setting.js";
import { SEEDED } from "../../src/site.js";
import { codes, send, succeed } from "../../src/try_it.js";

/** A response that says no is written to the console by the browser itself. */
const isRefusal = (problem) => problem.includes("/gateway/") && /HTTP 4|status of 4/.test(problem);

/** Makes the sandbox what it was at the start. */
async function reset() {
  const response = await fetch(`${BASE}/__sandbox/reset`, { method: "POST", body: "{}", headers: { "content-type": "application/json" } });
  assert.equal(response.status, 200);
}

describe("Try It", () => {
  const the = browser();
  before(reset);

  for (const { id } of SEEDED) {
    test(`${id} succeeds, and shows what was on the wire`, async () => {
      const { page, watched, close } = await open(the.browser);
      const { status, text, response, wire } = await succeed(page, id);
      assert.equal(status, 200, text);
      assert.equal(response.response.code, "000_000");
      for (const part of [SEEDED.find((operation) => operation.id === id).path, "x-km-tran-token", "x-km-correlation-id"]) {
        assert.ok(wire.toLowerCase().includes(part), part);
      }
      assert.deepEqual(watched.take(), []);
      await close();
    });

    test(`${id} is refused with a code that is documented`, async () => {
      const { page, watched, close } = await open(the.browser);
      await visit(page, `/ko/operations/${id}/`);
      const [wanted] = await codes(page);
      await page.locator("#try-case").selectOption(wanted);
      const { status, response } = await send(page);
      assert.equal(status, 400);
      // A name of an example stands where the operation has the code several times.
      const code = response.response.code;
      const isIt = wanted === `code:${code}` || (await page.locator(`#try-case option[value="${wanted}"]`).textContent()).includes(code);
      assert.ok(isIt, `${wanted}: ${code}`);
      assert.deepEqual(watched.take().filter((problem) => !isRefusal(problem)), []);
      await close();
    });
  }

  test("a body that is no JSON is not sent", async () => {
    const { page, watched, close } = await open(the.browser);
    await visit(page, `/en/operations/${SEEDED[0].id}/`);
    await page.locator("#try-body").fill('{"amount": 1,}');
    await page.locator("#try-send").click();
    await page.waitForFunction(() => document.getElementById("try-status").textContent.includes("line 1"));
    assert.equal(await page.evaluate(() => document.activeElement.id), "try-body");
    assert.ok(await page.locator("#try-result").isHidden());
    assert.deepEqual(watched.take(), []);
    await close();
  });
});

describe("the payment window", () => {
  const the = browser();
  // A member pays in one window at a time, and one was opened above.
  before(reset);

  /** What the ledger says: balances by account, and the kinds of all postings. */
  async function ledger(page) {
    await visit(page, "/en/sandbox/ledger/");
    await page.locator("#accounts tbody tr").first().waitFor();
    return page.evaluate(() => ({
      accounts: Object.fromEntries([...document.querySelectorAll("#accounts tbody tr")].map((row) => [row.cells[0].textContent, row.lastElementChild.textContent])),
      shown: document.getElementById("shown").textContent,
    }));
  }

  /** Opens a window for a recharge, and decides. */
  async function decide(page, button) {
    const { status, text, response } = await succeed(page, "create_credit_card_recharge");
    assert.equal(status, 200, text);
    const link = page.locator('#try-result a[href^="/__sandbox/payment-window/"]');
    assert.equal(await link.count(), 1);
    const { pathname } = new URL(response.redirectUrl);
    assert.equal(await link.getAttribute("href"), pathname);
    const policy = (await page.goto(`${BASE}${pathname}`)).headers()["content-security-policy"];
    assert.ok(!policy.includes("unsafe"), policy);
    await page.getByRole("button", { name: button }).click();
    return page.getByRole("status").textContent();
  }

  test("moves money when it is approved, and none when it is declined", async () => {
    const { page, watched, close } = await open(the.browser);
    const first = await ledger(page);

    assert.match(await decide(page, "Decline"), /No money moved/);
    const declined = await ledger(page);
    assert.deepEqual(declined, first);

    assert.match(await decide(page, "Approve"), /The card was recharged/);
    const approved = await ledger(page);
    const changed = Object.keys(approved.accounts).filter((name) => approved.accounts[name] !== first.accounts[name]);
    assert.notEqual(approved.shown, first.shown);
    assert.equal(changed.length, 2, changed.join());
    const won = (text) => Number(text.replace(/[^0-9-]/g, ""));
    const card = changed.find((name) => name.startsWith("card:"));
    assert.equal(won(approved.accounts[card]) - won(first.accounts[card]), 50_000);
    assert.deepEqual(watched.take(), []);
    await close();
  });
});
