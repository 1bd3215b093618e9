// Try It, as a person uses it.

import { visit } from "./setting.js";

/** Waits for a line of the form that says something else than before. */
async function said(page, action) {
  const status = page.locator("#try-status");
  const before = await status.textContent();
  await action();
  await page.waitForFunction(([id, text]) => {
    const now = document.getElementById(id).textContent;
    return now !== text && !now.endsWith("…");
  }, ["try-status", before]);
  return status.textContent();
}

/** Puts fresh values into the body, where the form can. */
export async function freshen(page) {
  const button = page.locator("#try-fresh");
  if (await button.isVisible()) await said(page, () => button.click());
}

/** Sends what is in the form, and returns what is shown of it. */
export async function send(page) {
  // The same status may be said twice.
  await page.locator("#try-status").evaluate((status) => status.replaceChildren());
  const status = await said(page, () => page.locator("#try-send").click());
  const text = await page.locator("#try-response").textContent();
  let response = null;
  try {
    response = JSON.parse(text);
  } catch {
    // Shown as it came.
  }
  return {
    status: Number(/HTTP ([0-9]{3})/.exec(status)?.[1]),
    text,
    response,
    wire: await page.locator("#try-wire").textContent(),
  };
}

/** Opens an operation, and calls it so that it succeeds. */
export async function succeed(page, id, language = "en") {
  await visit(page, `/${language}/operations/${id}/`);
  await freshen(page);
  return send(page);
}

/** The codes that the sandbox can be asked for on the page. */
export async function codes(page) {
  const values = await page.locator("#try-case option").evaluateAll((options) => options.map(({ value }) => value));
  return values.filter((value) => value.startsWith("code:"));
}
