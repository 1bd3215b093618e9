// Promise: all of it can be used without a mouse, what has the focus is seen, and Escape closes what opens.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SIZES, browser, open, visit } from "../src/setting.js";
import { SEEDED } from "../src/site.js";

/** More than there are on any page here. */
const MOST = 500;

/** Presses Tab until something has the focus; what had it on the way. */
async function tabTo(page, selector) {
  const way = [];
  for (let count = 0; count < MOST; count += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate((wanted) => {
      const element = document.activeElement;
      const style = getComputedStyle(element);
      const { width, height } = element.getBoundingClientRect();
      return {
        name: `${element.tagName}${element.id && `#${element.id}`} ${(element.getAttribute("aria-label") ?? element.textContent).trim().slice(0, 30)}`,
        is: element.matches(wanted),
        zone: element.closest("a.skip") ? "skip" : element.closest("nav.menu") ? "menu" : element.closest("form.search") ? "search" : element.closest("#try") ? "try" : "",
        seen: width > 0 && height > 0 && (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0),
      };
    }, selector);
    way.push(at);
    if (at.is) return way;
  }
  throw new Error(`Tab does not come to ${selector}: ${way.map(({ name }) => name).join(" | ")}`);
}

describe("by keyboard", () => {
  const the = browser();

  test("Tab comes to the skip link, search, menu and Try It, and shows where it is", async () => {
    const { page, close } = await open(the.browser);
    await visit(page, `/en/operations/${SEEDED[0].id}/`);
    const way = await tabTo(page, "#try-send");
    const zones = way.map(({ zone }) => zone).filter((zone, at, all) => zone !== "" && zone !== all[at - 1]);
    assert.deepEqual(zones, ["skip", "search", "menu", "try"]);
    assert.deepEqual(way.filter(({ seen }) => !seen).map(({ name }) => name), []);
    await close();
  });

  test("the skip link leads past the menu", async () => {
    const { page, close } = await open(the.browser);
    for (const path of [`/en/operations/${SEEDED[0].id}/`, "/en/reference/"]) {
      await visit(page, path);
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      assert.equal(await page.evaluate(() => document.activeElement.tagName), "MAIN", path);
      await page.keyboard.press("Tab");
      assert.ok(await page.evaluate(() => document.querySelector("main").contains(document.activeElement)), path);
    }
    await close();
  });

  test("a call is made with keys alone", async () => {
    const { page, close } = await open(the.browser);
    await visit(page, "/en/operations/issue_one_time_token/");
    await tabTo(page, "#try-send");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.getElementById("try-status").textContent.includes("HTTP 200"));
    await close();
  });

  test("Escape closes search results, which arrows choose from", async () => {
    const { page, close } = await open(the.browser);
    await visit(page, "/en/");
    await tabTo(page, "#search");
    await page.keyboard.type("007_008");
    const results = page.locator("#search-results");
    await results.locator("a").first().waitFor();
    await page.keyboard.press("ArrowDown");
    assert.equal(await page.locator("#search-results [aria-selected=true]").count(), 1);
    await page.keyboard.press("Escape");
    assert.ok(await results.isHidden());
    await close();
  });

  test("Escape closes the question before a reset", async () => {
    const { page, close } = await open(the.browser);
    await visit(page, "/en/sandbox/ledger/");
    await page.locator("#reset").focus();
    await page.keyboard.press("Enter");
    await page.locator("#reset-dialog").waitFor();
    assert.ok(await page.evaluate(() => document.getElementById("reset-dialog").contains(document.activeElement)));
    await page.keyboard.press("Escape");
    assert.ok(await page.locator("#reset-dialog").isHidden());
    assert.equal(await page.evaluate(() => document.activeElement.id), "reset");
    await close();
  });

  test("Escape closes the menu of the reference on a phone, its lists and its dialogs", async () => {
    const { page, close } = await open(the.browser, { size: SIZES[1] });
    await visit(page, `/en/reference/#${SEEDED[0].id}`);
    const menu = page.getByTestId("floating-button");
    await menu.focus();
    await page.keyboard.press("Enter");
    assert.equal(await menu.getAttribute("aria-expanded"), "true");
    await page.keyboard.press("Escape");
    assert.equal(await menu.getAttribute("aria-expanded"), "false");
    const list = page.locator("button[aria-haspopup]").first();
    await list.focus();
    await page.keyboard.press("Enter");
    assert.equal(await list.getAttribute("aria-expanded"), "true");
    await page.keyboard.press("Escape");
    assert.equal(await list.getAttribute("aria-expanded"), "false");
    const details = page.getByRole("button", { name: "View security details" }).first();
    await details.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    assert.equal(await page.getByRole("dialog").count(), 0);
    await close();
  });

  test("the theme that was chosen holds on the next page, and in the reference", async () => {
    const { page, close } = await open(the.browser);
    await visit(page, "/en/");
    await page.locator("#theme").focus();
    await page.keyboard.press("Enter");
    for (const path of ["/ko/codes/", "/en/reference/"]) {
      await visit(page, path);
      assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
    }
    assert.ok(await page.evaluate(() => document.documentElement.classList.contains("dark")));
    await page.locator("#theme").click();
    await page.waitForFunction(() => document.documentElement.classList.contains("light"));
    await close();
  });
});
