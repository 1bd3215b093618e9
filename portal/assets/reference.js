// The reference page: the whole description of the API, drawn by Redoc.
//
// The page holds `<div id="reference" data-description="konaplate.json">` with a static list of the operations in a
// `<main>`, which is what a reader sees until Redoc has drawn. REFERENCE.md says what else the page needs.

const page = document.getElementById("reference");
const list = page.querySelector("main");
const skipTo = list.id;
const root = document.documentElement;
const korean = root.lang.startsWith("ko");

/** What the page says, and Redoc does not. */
const WORDS = korean
  ? {
      failed: "API 설명을 불러오지 못했습니다.",
      heading: "전체 API 레퍼런스",
      menu: "레퍼런스 메뉴",
      close: "닫기",
    }
  : {
      failed: "The description of the API could not be loaded.",
      heading: "Full API reference",
      menu: "Menu of the reference",
      close: "Close",
    };

// Light and dark. Redoc asks for a class on <html>; the pages set `data-theme` there, or leave it to the system.
// Redoc sets its own class once, when it mounts, so what it set is mended as well.

const system = matchMedia("(prefers-color-scheme: dark)");

function theme() {
  const chosen = root.dataset.theme;
  const dark = chosen === "dark" || (chosen !== "light" && system.matches);
  // A change that changes nothing would wake the observer forever.
  if (root.classList.contains("dark") !== dark) root.classList.toggle("dark", dark);
  if (root.classList.contains("light") === dark) root.classList.toggle("light", !dark);
}

theme();
system.addEventListener("change", theme);
new MutationObserver(theme).observe(root, { attributes: true, attributeFilter: ["class", "data-theme"] });

// What Redoc would load, and the policy of the page refuses with an error on the console, is not begun: its logo, which
// lies at its maker's, and a font for trees of files, of which a description has none.

const elsewhere = (url) => {
  const { origin, protocol } = new URL(url, location.href);
  return origin !== location.origin && protocol !== "data:";
};
const { setAttribute } = HTMLImageElement.prototype;
HTMLImageElement.prototype.setAttribute = function (name, value) {
  if (name !== "src" || !elsewhere(value)) setAttribute.call(this, name, value);
};
const source = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, "src");
Object.defineProperty(HTMLImageElement.prototype, "src", {
  ...source,
  set(value) {
    if (!elsewhere(value)) source.set.call(this, value);
  },
});

const { insertRule } = CSSStyleSheet.prototype;
CSSStyleSheet.prototype.insertRule = function (rule, index) {
  // Redoc counts its rules, so that another one takes the place.
  return insertRule.call(this, rule.startsWith("@font-face") ? "#none{}" : rule, index);
};

/** Where Redoc shows each operation, by operation id: `#/{tag}/{id}`. */
function routes(description) {
  const found = new Map();
  for (const methods of Object.values(description.paths)) {
    for (const operation of Object.values(methods)) {
      if (operation?.operationId) found.set(operation.operationId, `#/${operation.tags[0]}/${operation.operationId}`);
    }
  }
  return found;
}

/** The text of a fragment, as it stands where it cannot be decoded. */
function fragment(hash) {
  try {
    return decodeURIComponent(hash.slice(1));
  } catch {
    return hash.slice(1);
  }
}

/**
 * Makes `#{operationId}` a link to that operation. Redoc reads the fragment as a path of its own, so that the page
 * answers before it: with the path of the operation, or with none, the beginning, for what is no path. A link to an
 * element of the page, such as the skip link, leads there and leaves the fragment as it is.
 */
function fragments(description) {
  const known = routes(description);
  const here = () => {
    const { hash, pathname, search } = location;
    if (hash === "" || hash.startsWith("#/")) return;
    history.replaceState(history.state, "", known.get(fragment(hash)) ?? pathname + search);
  };
  here();
  for (const event of ["popstate", "hashchange"]) addEventListener(event, here, { capture: true });
  addEventListener(
    "click",
    (event) => {
      const link = event.target.closest?.("a[href^='#']");
      if (!link || page.contains(link) || link.hash.startsWith("#/")) return;
      const id = fragment(link.hash);
      if (known.has(id)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const target = document.getElementById(id);
      target?.scrollIntoView();
      target?.focus({ preventScroll: true });
    },
    { capture: true },
  );
}

/** Sets an attribute that is not so already: each change wakes the observer again. */
function set(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** The levels of Redoc's own headings: it leaves one out between an operation and its parts. */
const LEVELS = { H4: "3", H5: "4", H6: "5" };

/** What Redoc draws leaves some things to the eye or the mouse. They are mended after each change. */
function mend(view) {
  const main = view.querySelector("main");
  if (!main) return;
  // The one <main> of the page, and the target of its skip link, is now Redoc's.
  list.remove();
  if (main.id !== skipTo) {
    main.id = skipTo;
    main.tabIndex = -1;
  }
  // Only the section that is in view is drawn, so that a heading of the first level comes and goes.
  if (!main.querySelector(":scope > .reference-heading")) {
    const heading = document.createElement("h1");
    heading.className = "reference-heading";
    heading.textContent = WORDS.heading;
    main.prepend(heading);
  }
  for (const menu of view.querySelectorAll(".menu-content")) {
    set(menu, "role", "navigation");
    set(menu, "aria-label", WORDS.menu);
  }
  for (const heading of view.querySelectorAll("h4, h5, h6")) {
    if (!heading.closest('[data-component-name="Markdown/Markdown"]')) set(heading, "aria-level", LEVELS[heading.tagName]);
  }
  // A label that leaves out what is written on the button: someone who speaks the words does not reach it.
  for (const choice of view.querySelectorAll("button[aria-haspopup][aria-label]")) {
    const text = choice.textContent.trim();
    const label = choice.getAttribute("aria-label");
    if (text && !label.includes(text)) set(choice, "aria-label", `${label}: ${text}`);
  }
  // The signs before fields that have fields within.
  for (const sign of view.querySelectorAll("button:not([aria-label], [data-component-name])")) {
    const text = sign.textContent.trim();
    if (!["+", "\u2212"].includes(text) && !sign.hasAttribute("data-sign")) continue;
    set(sign, "data-sign", text);
    set(sign, "aria-expanded", String(text !== "+"));
  }
  // What opens over the page lies beside the view, in an element of its own.
  for (const dialog of document.querySelectorAll("body > div:not([id]) > div[tabindex]")) {
    set(dialog, "role", "dialog");
    set(dialog, "aria-modal", "true");
    const title = dialog.querySelector("[data-component-name^='Typography/']")?.textContent.trim();
    if (title) set(dialog, "aria-label", title);
    for (const close of dialog.querySelectorAll("button:not([aria-label])")) {
      if (!close.textContent.trim()) set(close, "aria-label", WORDS.close);
    }
  }
  // What scrolls sideways has to be reached by keys.
  for (const box of view.querySelectorAll("pre, [data-component-name='Markdown/Markdown'] table")) {
    const scrolls = box.scrollWidth > box.clientWidth;
    if (scrolls) set(box, "tabindex", "0");
    else if (box.hasAttribute("tabindex")) box.removeAttribute("tabindex");
  }
}

/** What of the page stays at the top while the rest scrolls. */
function headerHeight() {
  const header = document.querySelector("body > header");
  return header && getComputedStyle(header).position === "sticky" ? header.offsetHeight : 0;
}

/** Escape closes what a button opened: the menu on a phone, and lists. Dialogs close by themselves. */
function escape(view) {
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = "[aria-expanded='true']";
    for (const opened of view.querySelectorAll(`button[aria-haspopup]${open}, [data-testid="floating-button"]${open}`)) {
      opened.click();
      opened.focus();
    }
  });
}

async function start() {
  const response = await fetch(page.dataset.description);
  if (!response.ok) throw new Error(`${response.status} for ${response.url}`);
  const description = await response.json();
  fragments(description);
  const { init } = await import("./vendor/redoc/redoc.standalone.js");
  // Redoc's search is hidden, since the portal has its own; so its key does nothing.
  addEventListener(
    "keydown",
    (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") event.stopImmediatePropagation();
    },
    { capture: true },
  );
  const view = document.createElement("div");
  view.className = "reference-view";
  page.append(view);
  escape(view);
  new MutationObserver(() => mend(view)).observe(document.body, { childList: true, subtree: true });
  init(
    description,
    {
      disableTelemetry: true,
      hideDownloadButtons: true,
      // Nothing in the place of the static list until there is something to show.
      hideLoading: true,
      scrollYOffset: headerHeight,
    },
    view,
  );
}

try {
  await start();
} catch (error) {
  // The static list stays, unless Redoc has taken its place.
  const note = document.createElement("p");
  note.setAttribute("role", "alert");
  note.textContent = WORDS.failed;
  page.prepend(note);
  console.error(error);
}
