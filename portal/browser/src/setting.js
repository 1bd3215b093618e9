// What the tests are run with, and a browser.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { after, before } from "node:test";
import { chromium } from "playwright-core";

function needed(name) {
  const value = process.env[name];
  if (!value) throw new Error(`the variable ${name} is not set: run "cargo xtask portal"`);
  return value;
}

/** Where a sandbox serves the portal, without a slash at the end. */
export const BASE = needed("BASE_URL").replace(/\/$/, "");

/** The folder with the portal as files. */
export const SITE = process.env.SITE;

/** Where pictures of pages go, if they are wanted. */
export const SCREENSHOTS = process.env.SCREENSHOTS;

export const LANGUAGES = ["en", "ko"];
export const THEMES = ["light", "dark"];
/** A desk and a phone. */
export const SIZES = [
  { width: 1280, height: 900 },
  { width: 390, height: 844 },
];

export const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** A browser for the tests of a file: started before them, closed after them. */
export function browser() {
  const it = {};
  before(async () => {
    it.browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      // Pages of this machine alone; a container has no sandbox of the kernel's to offer, and little shared memory.
      args: ["--no-sandbox", "--disable-dev-shm-usage"],
    });
  });
  after(() => it.browser?.close());
  return it;
}

/** What a page did that it must not do. */
export class Watched {
  problems = [];

  constructor(page, base = BASE) {
    const { origin } = new URL(base);
    const add = (text) => this.problems.push(text);
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) add(`console: ${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => add(`script: ${error.stack}`));
    page.on("crash", () => add("the page crashed"));
    page.on("dialog", (dialog) => {
      add(`dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (url.origin !== origin && !["data:", "blob:"].includes(url.protocol)) add(`another origin: ${url}`);
    });
    page.on("requestfailed", (request) => {
      // What is on its way when the page is left.
      const reason = request.failure()?.errorText;
      if (reason !== "net::ERR_ABORTED") add(`failed: ${request.url()}: ${reason}`);
    });
    page.on("response", (response) => {
      if (response.status() >= 400) add(`HTTP ${response.status()}: ${response.url()}`);
    });
  }

  /** What was seen so far, and forgets it. */
  take() {
    return this.problems.splice(0);
  }
}

/** A page in a context of its own, with what is watched of it. */
export async function open(browser, { size = SIZES[0], theme = "light", base = BASE, ...options } = {}) {
  const context = await browser.newContext({ viewport: size, colorScheme: theme, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  return { page, watched: new Watched(page, base), close: () => context.close() };
}

/** Waits until a page shows what its scripts fetch. */
export async function settled(page) {
  await page.waitForLoadState("load");
  const path = new URL(page.url()).pathname;
  if (path.endsWith("/reference/")) {
    await page.locator(".reference-view main h2").first().waitFor();
    // Redoc draws what is in view after it has drawn the rest.
    await page.waitForTimeout(700);
  } else if (path.includes("/sandbox/")) {
    await page.waitForLoadState("networkidle");
  }
}

/** Opens a path, and waits for what it shows. */
export async function visit(page, path, base = BASE) {
  const response = await page.goto(`${base}${path}`);
  await settled(page);
  return response;
}

/** Waits until colours are no longer on their way to others. */
export async function still(page) {
  // Until transitions have begun.
  await page.waitForTimeout(150);
  await page.waitForFunction(() => document.getAnimations().every(({ playState }) => playState !== "running"));
}
