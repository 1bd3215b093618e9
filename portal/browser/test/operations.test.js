// Promise: the page of every operation opens in both languages, and asks nothing of anybody else.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BASE, LANGUAGES, browser, open } from "../src/setting.js";
import { OPERATIONS } from "../src/site.js";

/** How many pages are open at once. */
const WORKERS = 3;

describe("the page of every operation", () => {
  const the = browser();

  for (const language of LANGUAGES) {
    test(`opens in ${language}`, async () => {
      const left = [...OPERATIONS];
      const bad = [];
      const worker = async () => {
        const { page, watched, close } = await open(the.browser);
        for (let next = left.pop(); next !== undefined; next = left.pop()) {
          const { id, path } = next;
          await page.goto(`${BASE}/${language}/operations/${id}/`);
          const seen = await page.evaluate(() => ({
            language: document.documentElement.lang,
            text: document.querySelector("main").textContent,
            tries: document.querySelectorAll("form#try #try-send").length,
            current: document.querySelectorAll("[aria-current=page]").length,
          }));
          const problems = watched.take();
          if (seen.language !== language) problems.push(`the language is ${seen.language}`);
          if (!seen.text.includes(path)) problems.push("its path is not there");
          if (seen.tries !== 1) problems.push("Try It is not there");
          if (seen.current < 1) problems.push("the menu does not show where it is");
          if (problems.length > 0) bad.push({ id, problems });
        }
        await close();
      };
      await Promise.all(Array.from({ length: WORKERS }, worker));
      assert.deepEqual(bad, []);
    });
  }
});
