// Promise: what a caller wrote is a text on every page, and never an element.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BASE, browser, open, settled, visit } from "../../src/setting.js";
import { OPERATIONS, SEEDED, VIEWS } from "../../src/site.js";
import { codes, send } from "../../src/try_it.js";

const PLANTED = [
  `<img src=planted onerror="window.planted=1">`,
  `"><script>window.planted=1</script>`,
  `<svg onload="window.planted=1">`,
  `</textarea></pre><iframe srcdoc="<script>parent.planted=1</script>"></iframe>`,
];

/** The headers that a caller can fill. */
const HEADERS = ["x-km-correlation-id", "x-sandbox-fault", "x-sandbox-response", "x-km-user-aspid", "x-km-access-key", "x-km-tran-token"];

/** How many calls of the log are opened. */
const MOST = 60;

/** Elements that no page has but one into which something was planted. */
async function planted(page) {
  return page.evaluate(() => ({
    ran: globalThis.planted ?? parent.planted ?? null,
    elements: [...document.querySelectorAll('img[src="planted"], [onerror], [onload], iframe, script:not([src])')]
      // Redoc brings one of its own, which does not run.
      .filter((element) => !element.closest(".reference-view"))
      .map((element) => element.outerHTML),
  }));
}

const NOTHING = { ran: null, elements: [] };

/** A refusal is an error on the console, and so is a picture or script that was tried. */
const isTried = (problem) => /planted|another origin|dialog|Content Security Policy/.test(problem) && !problem.includes("/gateway/");

/** A body in which every text, and a name, is this. */
function full(body, text) {
  const value = JSON.parse(body);
  const change = (one) => {
    if (typeof one === "string") return text;
    if (Array.isArray(one)) return one.map(change);
    if (one !== null && typeof one === "object") return { ...Object.fromEntries(Object.entries(one).map(([name, inner]) => [name, change(inner)])), [text]: text };
    return one;
  };
  return JSON.stringify(change(value), null, 2);
}

describe("markup that a caller plants", () => {
  const the = browser();

  test("in every field of a request, and the names of members, stays a text in Try It", async () => {
    const { page, watched, close } = await open(the.browser);
    const ids = [...SEEDED.map(({ id }) => id), "register_member", "update_member_info"].filter((id) => OPERATIONS.some((operation) => operation.id === id));
    for (const id of ids) {
      await visit(page, `/en/operations/${id}/`);
      const example = await page.locator("#try-body").inputValue();
      for (const text of PLANTED) {
        await page.locator("#try-body").fill(full(example, text));
        const { text: shown } = await send(page);
        const all = await page.locator("main").textContent();
        assert.ok(all.includes(JSON.stringify(text).slice(1, -1)) || shown.includes(text), `${id}: what was sent is not shown`);
        assert.deepEqual(await planted(page), NOTHING, id);
      }
      // One field at a time: the request gets further, and what is right with it is kept.
      for (const name of Object.keys(JSON.parse(example)).filter((name) => typeof JSON.parse(example)[name] === "string")) {
        await page.locator("#try-body").fill(JSON.stringify({ ...JSON.parse(example), [name]: PLANTED[0] }));
        await send(page);
        assert.deepEqual(await planted(page), NOTHING, `${id}: ${name}`);
      }
    }
    assert.deepEqual(watched.take().filter(isTried), []);
    await close();
  });

  test("in headers, paths and faults stays a text on the pages of the sandbox", async () => {
    let count = 0;
    const post = async (path, headers, body = "{}") => {
      count += 1;
      // One that the log can open, unless it is what is planted.
      const id = `260315104512-${count.toString(16).padStart(7, "0")}`;
      const all = { "content-type": "application/json", "x-km-correlation-id": id, ...headers };
      await (await fetch(`${BASE}${path}`, { method: "POST", body, headers: all })).text();
    };
    const { path } = SEEDED[0];
    for (const text of PLANTED) {
      for (const header of HEADERS) {
        for (const way of ["", "/gateway"]) await post(`${way}${path}`, { [header]: text }, text);
      }
      const part = encodeURIComponent(text);
      await post(`/${part}`, {});
      await post(`${path}/${part}?${part}`, {});
    }

    const { page, watched, close } = await open(the.browser);
    for (const view of VIEWS) {
      await visit(page, `/en/sandbox/${view}/`);
      assert.deepEqual(await planted(page), NOTHING, view);
    }
    // Each call that the log can open.
    await visit(page, "/en/sandbox/requests/");
    await page.locator("#log a[data-call]").first().waitFor();
    const calls = await page.locator("#log a[data-call]").evaluateAll((links) => links.map((link) => link.dataset.call));
    const shown = new Set();
    for (const call of calls.slice(0, MOST)) {
      await page.evaluate((id) => {
        location.hash = id;
      }, call);
      await page.waitForFunction((id) => document.getElementById("call-title").textContent.includes(id), call);
      assert.deepEqual(await planted(page), NOTHING, call);
      const content = await page.locator("#call-content").textContent();
      for (const text of PLANTED) if (content.includes(text)) shown.add(text);
    }
    assert.equal(shown.size, PLANTED.length, "not all that was planted is shown");
    // What is typed in there.
    for (const text of PLANTED) {
      await visit(page, "/en/sandbox/requests/");
      await page.locator("#filter-text").fill(text);
      await visit(page, "/en/sandbox/faults/");
      await page.locator("#next-fault").fill(text);
      await page.locator("#next button").click();
      await page.locator("#alert").waitFor();
      await page.locator("#rate-faults").fill(text);
      await page.locator("#rate button").click();
      await page.waitForLoadState("networkidle");
      assert.deepEqual(await planted(page), NOTHING, text);
    }
    assert.deepEqual(watched.take().filter(isTried), []);
    await close();
  });

  test("in searches and addresses stays a text", async () => {
    const { page, watched, close } = await open(the.browser);
    for (const text of PLANTED) {
      await visit(page, "/en/");
      await page.locator("#search").fill(text);
      await page.locator("#search-results li").first().waitFor();
      assert.deepEqual(await planted(page), NOTHING, "search");
      const part = encodeURIComponent(text);
      for (const path of [`/en/codes/?${part}#${part}`, `/en/operations/${SEEDED[0].id}/#${part}`, `/en/sandbox/requests/#${part}`, `/en/reference/#${part}`]) {
        await page.goto("about:blank");
        await page.goto(`${BASE}${path}`);
        await settled(page);
        assert.deepEqual(await planted(page), NOTHING, path);
      }
      const missing = await page.goto(`${BASE}/en/${part}/`);
      assert.equal(missing.status(), 404);
      assert.deepEqual(await planted(page), NOTHING, "no page");
    }
    assert.deepEqual(watched.take().filter((problem) => isTried(problem) && !problem.includes("404")), []);
    await close();
  });

  test("is not run from a case that the page offers either", async () => {
    const { page, close } = await open(the.browser);
    await visit(page, `/en/operations/${SEEDED[0].id}/`);
    for (const wanted of await codes(page)) {
      await page.locator("#try-case").selectOption(wanted);
      assert.deepEqual(await planted(page), NOTHING, wanted);
    }
    await close();
  });
});
