// Promise: every kind of page has a policy that allows the scripts of its origin, and none that stands in a page.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BASE, LANGUAGES } from "../src/setting.js";
import { KINDS } from "../src/site.js";

/** The parts of a policy, by name. */
function parts(policy) {
  return Object.fromEntries(policy.split(";").map((part) => part.trim().split(/\s+/)).map(([name, ...sources]) => [name, sources]));
}

const paths = ["/", "/en/no-such-page/", ...LANGUAGES.flatMap((language) => Object.values(KINDS).map((path) => `/${language}/${path}`))];

describe("the policy", () => {
  for (const path of paths) {
    test(`of ${path}`, async () => {
      const response = await fetch(`${BASE}${path}`);
      const html = await response.text();
      const policy = parts(response.headers.get("content-security-policy"));
      assert.deepEqual(policy["default-src"], ["'none'"]);
      assert.deepEqual(policy["script-src"], ["'self'"]);
      assert.deepEqual(policy["frame-ancestors"], ["'none'"]);
      assert.deepEqual(policy["base-uri"], ["'none'"]);
      const all = Object.values(policy).flat();
      assert.ok(all.every((source) => !/unsafe|https?:|\*/.test(source)), all.join(" "));
      // Redoc's empty <style>, on its page alone.
      const hashes = all.filter((source) => source.startsWith("'sha"));
      assert.equal(hashes.length, path.endsWith("/reference/") ? 1 : 0);
      assert.equal(response.headers.get("x-content-type-options"), "nosniff");

      assert.doesNotMatch(html, /<script(?![^>]*\ssrc=)/i);
      assert.doesNotMatch(html, /<style|\sstyle="/i);
      assert.doesNotMatch(html, /<[^>]*\son[a-z]+=/i);
      assert.doesNotMatch(html, /(?:src|href)="javascript:/i);
    });
  }
});
