// Promise: axe finds nothing on any kind of page, light or dark, at a desk or on a phone; and nothing is cut off there.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AXE, BASE, SIZES, THEMES, browser, open, settled, still, visit } from "../src/setting.js";
import { KINDS, SEEDED } from "../src/site.js";

/** What axe says, a line for each kind of violation. */
async function violations(page) {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(AXE);
  await still(page);
  const found = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
  return found.violations.map(({ id, nodes }) => {
    const [{ html, any }] = nodes;
    return `${id}, ${nodes.length} times: ${html.slice(0, 200)}${any[0] ? `: ${any[0].message}` : ""}`;
  });
}

/** That a page is good in every theme and size. */
async function isClean(page) {
  const bad = [];
  for (const size of SIZES) {
    await page.setViewportSize(size);
    for (const theme of THEMES) {
      await page.emulateMedia({ colorScheme: theme });
      bad.push(...(await violations(page)).map((text) => `${size.width} ${theme}: ${text}`));
    }
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    if (width > size.width) bad.push(`${size.width}: the page is ${width} wide`);
  }
  assert.equal(bad.join("\n"), "");
}

const paths = {
  languages: "/",
  ...Object.fromEntries(Object.entries(KINDS).map(([kind, path]) => [kind, `/en/${path}`])),
  ...Object.fromEntries(SEEDED.map(({ id }) => [id, `/en/operations/${id}/`])),
  ...Object.fromEntries(["home", "reference", "operation"].map((kind) => [`${kind} in Korean`, `/ko/${KINDS[kind]}`])),
};
// The first of them.
delete paths.operation;

describe("axe finds nothing", () => {
  const the = browser();

  for (const [name, path] of Object.entries(paths)) {
    test(`on ${name}`, async () => {
      const { page, watched, close } = await open(the.browser);
      await visit(page, path);
      await isClean(page);
      assert.deepEqual(watched.take(), []);
      await close();
    });
  }

  test("in an operation of the reference, its dialog and its menu on a phone", async () => {
    const { page, close } = await open(the.browser);
    await page.goto(`${BASE}/en/reference/#${SEEDED[0].id}`);
    await settled(page);
    assert.equal(new URL(page.url()).hash, `#/${SEEDED[0].tag}/${SEEDED[0].id}`);
    await isClean(page);
    await page.getByTestId("floating-button").click();
    assert.equal((await violations(page)).join("\n"), "");
    await page.keyboard.press("Escape");
    await page.setViewportSize(SIZES[0]);
    await page.getByRole("button", { name: "View security details" }).first().click();
    await page.getByRole("dialog").waitFor();
    assert.equal((await violations(page)).join("\n"), "");
    await close();
  });

  test("in what Try It shows", async () => {
    const { page, close } = await open(the.browser);
    await visit(page, "/en/operations/issue_one_time_token/");
    await page.locator("#try-send").click();
    await page.locator("#try-wire pre").first().waitFor();
    await isClean(page);
    await close();
  });
});
