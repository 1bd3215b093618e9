// Promise: no page transfers more than 1.5 MB. How soon it is seen on a slow machine is printed.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BASE, SIZES, browser, open, settled } from "../src/setting.js";
import { KINDS } from "../src/site.js";

const MOST = 1_500_000;

describe("the weight of a page", () => {
  const the = browser();

  for (const [kind, path] of Object.entries({ ...KINDS, "home-ko": "../ko/" })) {
    test(`of ${kind}`, async (t) => {
      // On a phone, where it matters.
      const { page, close } = await open(the.browser, { size: SIZES[1] });
      const session = await page.context().newCDPSession(page);
      await session.send("Network.enable");
      let bytes = 0;
      session.on("Network.loadingFinished", ({ encodedDataLength }) => {
        bytes += encodedDataLength;
      });
      await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
      await page.goto(`${BASE}/en/${path}`);
      await settled(page);
      const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
      t.diagnostic(`${kind}: ${Math.round(bytes / 1000)} KB, first contentful paint at a quarter of this CPU: ${Math.round(paint)} ms`);
      assert.ok(bytes > 0 && bytes <= MOST, `${bytes} bytes`);
      await close();
    });
  }
});
