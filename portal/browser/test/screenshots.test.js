// Pictures of one page of each kind, for people, where they are asked for.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { LANGUAGES, SCREENSHOTS, SIZES, THEMES, browser, open, still, visit } from "../src/setting.js";
import { KINDS } from "../src/site.js";

describe("pictures", { skip: SCREENSHOTS ? false : "they are not asked for" }, () => {
  const the = browser();

  for (const language of LANGUAGES) {
    test(`in ${language}`, async () => {
      await mkdir(SCREENSHOTS, { recursive: true });
      const { page, close } = await open(the.browser);
      for (const [kind, path] of Object.entries(KINDS)) {
        await visit(page, `/${language}/${path}`);
        for (const size of SIZES) {
          await page.setViewportSize(size);
          for (const theme of THEMES) {
            await page.emulateMedia({ colorScheme: theme });
            await still(page);
            await page.screenshot({ path: join(SCREENSHOTS, `${kind}-${language}-${size.width}-${theme}.png`) });
          }
        }
      }
      await close();
    });
  }
});
