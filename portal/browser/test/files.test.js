// Promise: the same pages are a site of files, which any server can serve below any path, without what needs a sandbox.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { SITE, LANGUAGES, browser, open, visit } from "../src/setting.js";
import { KINDS, SEEDED } from "../src/site.js";
import { serve } from "../src/files.js";

describe("the site of files", { skip: SITE ? false : "SITE is not set" }, () => {
  const the = browser();
  let files;
  before(async () => {
    files = await serve(SITE, "/some/where");
  });
  after(() => files.close());

  for (const language of LANGUAGES) {
    test(`opens in ${language}`, async () => {
      const { page, watched, close } = await open(the.browser, { base: files.url });
      const kinds = Object.entries(KINDS).filter(([kind]) => !kind.startsWith("sandbox-"));
      for (const [kind, path] of kinds) {
        await visit(page, `/${language}/${path}`, files.url);
        assert.deepEqual(watched.take(), [], kind);
        assert.equal(await page.locator("#try, a[href*='/sandbox/']").count(), 0, kind);
      }
      await close();
    });
  }

  test("has every operation, and its search leads to them", async () => {
    const { page, watched, close } = await open(the.browser, { base: files.url });
    await visit(page, "/", files.url);
    await page.locator('a[href$="ko/"]').click();
    await page.locator("#search").fill(SEEDED[4].id);
    await page.locator("#search-results a").first().click();
    await page.waitForURL(`**/ko/operations/${SEEDED[4].id}/`);
    assert.ok((await page.locator("main").textContent()).includes(SEEDED[4].path));
    assert.deepEqual(watched.take(), []);
    await close();
  });
});
