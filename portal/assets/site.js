// What every page has: the theme, the menu, search, filters of long tables, and buttons that copy.

const all = (selector) => [...document.querySelectorAll(selector)];

function theme() {
  const button = document.getElementById("theme");
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
  const show = () => {
    button.textContent = isDark() ? button.dataset.light : button.dataset.dark;
  };
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try {
      localStorage.setItem("theme", root.dataset.theme);
    } catch {
      // It holds for this page.
    }
    show();
  });
  system.addEventListener("change", show);
  show();
  button.hidden = false;
}

// Closed on a phone, where it would stand before the page.
function menu() {
  const details = document.getElementById("menu");
  if (!details) return;
  if (details === null) return;
  const wide = matchMedia("(width >= 60rem)");
  const set = () => {
    details.open = wide.matches;
  };
  wide.addEventListener("change", set);
  set();
  if (wide.matches) details.querySelector("[aria-current]")?.scrollIntoView({ block: "center" });
}

// Composed characters, small letters: what is compared.
const plain = (text) => text.normalize("NFC").toLowerCase();

// The entries that have every word, the best first: in the name, in what is said, in the rest.
function found(entries, query) {
  const words = plain(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const score = (entry) => {
    let sum = 0;
    for (const word of words) {
      if (entry.name === word) sum += 8;
      else if (entry.name.includes(word)) sum += 4;
      else if (entry.says.includes(word)) sum += 2;
      else if (entry.words.includes(word)) sum += 1;
      else return 0;
    }
    return sum;
  };
  return entries
    .map((entry) => [score(entry), entry])
    .filter(([points]) => points > 0)
    .sort((a, b) => b[0] - a[0])
    .slice(0, 20)
    .map(([, entry]) => entry.entry);
}

function search() {
  const input = document.getElementById("search");
  const list = document.getElementById("search-results");
  let index;
  let selected = -1;
  const load = async () => {
    index ??= fetch(input.dataset.index)
      .then((response) => response.json())
      .then((entries) =>
        entries.map((entry) => ({
          entry,
          name: plain(entry.name),
          says: plain(entry.says),
          words: plain(entry.words),
        })),
      );
    // What could not be fetched is fetched again.
    index.catch(() => {
      index = undefined;
    });
    return index;
  };
  const close = () => {
    list.hidden = true;
    selected = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const select = (place) => {
    const options = [...list.querySelectorAll("[role=option]")];
    if (options.length === 0) return;
    selected = (place + options.length) % options.length;
    options.forEach((option, at) => {
      option.setAttribute("aria-selected", String(at === selected));
    });
    options[selected].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", options[selected].id);
  };
  const item = (entry, at) => {
    const li = document.createElement("li");
    li.id = `search-result-${at}`;
    li.role = "option";
    li.setAttribute("aria-selected", "false");
    const link = document.createElement("a");
    link.href = input.dataset.root + entry.to;
    link.tabIndex = -1;
    const name = document.createElement("strong");
    name.textContent = entry.name;
    link.append(name, entry.says);
    li.append(link);
    return li;
  };
  const show = async () => {
    const query = input.value;
    if (query.trim() === "") return close();
    const entries = found(await load(), query);
    if (query !== input.value) return;
    const none = document.createElement("li");
    none.className = "none";
    none.role = "option";
    none.setAttribute("aria-selected", "false");
    none.setAttribute("aria-disabled", "true");
    none.textContent = input.dataset.none;
    list.replaceChildren(...(entries.length > 0 ? entries.map(item) : [none]));
    list.hidden = false;
    selected = -1;
    input.setAttribute("aria-expanded", "true");
  };
  const go = () => {
    const link = list.querySelectorAll("a")[Math.max(selected, 0)];
    if (link && !list.hidden) link.click();
  };
  input.addEventListener("focus", load, { once: true });
  input.addEventListener("input", show);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) show();
      else select(event.key === "ArrowDown" ? selected + 1 : Math.max(selected, 0) - 1);
    }
  });
  input.form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await show();
    go();
  });
  list.addEventListener("click", () => setTimeout(close));
  document.addEventListener("click", (event) => {
    if (!input.form.contains(event.target)) close();
  });
  input.form.addEventListener("focusout", (event) => {
    if (!input.form.contains(event.relatedTarget)) close();
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      input.focus();
    }
  });
  // What was typed before this script ran.
  if (document.activeElement === input) show();
}

// Shows the rows of a table that have a text.
function filters() {
  for (const input of all("input[data-filter]")) {
    const rows = [...document.getElementById(input.dataset.filter).tBodies[0].rows];
    const count = document.querySelector(`[data-filter-count="${CSS.escape(input.dataset.filter)}"]`);
    const texts = rows.map((row) => plain(row.textContent));
    input.addEventListener("input", () => {
      const wanted = plain(input.value.trim());
      let shown = 0;
      rows.forEach((row, at) => {
        row.hidden = !texts[at].includes(wanted);
        if (!row.hidden) shown += 1;
      });
      count.textContent = `${shown} ${count.dataset.unit}`;
    });
    input.closest("[hidden]")?.removeAttribute("hidden");
  }
}

function copying() {
  for (const button of all("button.copy")) {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      const before = button.textContent;
      button.textContent = "✓";
      setTimeout(() => {
        button.textContent = before;
      }, 1500);
    });
  }
}

theme();
menu();
search();
filters();
copying();
