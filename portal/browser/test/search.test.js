// Promise: the search finds codes and operations, in the language of the page, and leads there.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BASE, LANGUAGES, browser, open, visit } from "../src/setting.js";
import { SEEDED } from "../src/site.js";

async function found(page, text) {
  await page.locator("#search").fill(text);
  const results = page.locator("#search-results a");
  await results.first().waitFor();
  return results.allTextContents();
}

describe("the search", () => {
  const the = browser();

  for (const language of LANGUAGES) {
    test(`finds a code, and goes to it, in ${language}`, async () => {
      const { page, watched, close } = await open(the.browser);
      await visit(page, `/${language}/operations/${SEEDED[0].id}/`);
      const results = await found(page, "007_008");
      assert.ok(results[0].includes("007_008"), results.join("\n"));
      await page.keyboard.press("Enter");
      await page.waitForURL(`**/${language}/codes/#007_008`);
      assert.ok(await page.locator("[id='007_008']").isVisible());
      assert.deepEqual(watched.take(), []);
      await close();
    });
  }

  test("finds a Korean word on Korean pages, and a field and a path", async () => {
    const { page, close } = await open(the.browser);
    await visit(page, "/ko/");
    assert.ok((await found(page, "신용카드 충전")).join().includes("create_credit_card_recharge"));
    assert.ok((await found(page, "oneTimeToken dcvv")).length > 1);
    assert.ok((await found(page, "/api/v1/user/info")).join().includes("get_member"));
    await close();
  });

  test("leads from the list of languages to either", async () => {
    const { page, watched, close } = await open(the.browser);
    for (const language of LANGUAGES) {
      await visit(page, "/");
      await page.locator(`a[href$="${language}/"]`).click();
      await page.waitForURL(`**/${language}/`);
      assert.equal(await page.evaluate(() => document.documentElement.lang), language);
    }
    assert.deepEqual(watched.take(), []);
    await close();
  });

  test("finds what was typed before its script ran", async () => {
    const { page, watched, close } = await open(the.browser);
    let runs;
    const typed = new Promise((resolve) => {
      runs = resolve;
    });
    await page.route("**/assets/site.js", async (route) => {
      await typed;
      await route.continue();
    });
    await page.goto(`${BASE}/en/`, { waitUntil: "commit" });
    await page.locator("#search").fill("007_008");
    runs();
    await page.locator("#search-results a").first().waitFor();
    assert.deepEqual(watched.take(), []);
    await close();
  });
});
