/** Keys on staff pages. Everything here can also be done with a pointer or with Tab: keys only make it quicker.
 *
 *  data-key="n"        pressing N clicks (or, for an input, focuses) the element; "g m" is G, then M;
 *                      "ctrl+Enter" and "F2" work while typing too
 *  .row-link           J and K move along these; Enter is the link's own
 *  [data-rows]         in such a table, or with nothing in focus, the up and down arrows do so too
 *  [data-grid]         arrow keys move between the links of a table
 *  data-opens="id"     opens a <dialog>
 *
 *  Keys with one letter are off while somebody types, and can be switched off for good in the list (WCAG 2.1.4).
 */
const OFF = "keys-off";
const SEQUENCE_MS = 1000;

const typing = (element) => element.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
// These type nothing, so they work everywhere.
const always = (name) => name === "Escape" || /^(ctrl\+|F\d)/.test(name);
const visible = (element) => element.checkVisibility?.() ?? true;

export function nameOf(event) {
  const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return event.ctrlKey || event.metaKey ? `ctrl+${name}` : name;
}

/** Return the neighbour of `from` in `list`: `step` further, staying inside; the first one when there is none. */
export function neighbour(list, from, step) {
  const place = list.indexOf(from);
  return place < 0 ? list[0] : list[Math.min(Math.max(place + step, 0), list.length - 1)];
}

function inGrid(cell, key) {
  const rows = [...cell.closest("[data-grid]").querySelectorAll("tbody tr")];
  const td = cell.closest("td");
  const row = rows.indexOf(td.parentElement);
  if (key === "ArrowLeft" || key === "ArrowRight") {
    const links = [...td.parentElement.querySelectorAll("td a")];
    return neighbour(links, cell, key === "ArrowRight" ? 1 : -1);
  }
  for (let next = row + (key === "ArrowDown" ? 1 : -1); rows[next]; next += key === "ArrowDown" ? 1 : -1) {
    const link = rows[next].cells[td.cellIndex]?.querySelector("a");
    if (link) return link;
  }
  return cell;
}

/** Enter in a closed list sends its form, as in every other field; some browsers only open the list. */
function sendFrom(event) {
  const button = [...(event.target.form?.elements ?? [])].find((element) => element.type === "submit");
  if (!button) return;
  event.preventDefault();
  button.click();
}

export function mount(page = document) {
  const root = page.documentElement;
  const isOff = () => globalThis.localStorage?.getItem(OFF) === "1";
  const show = () => root.classList.toggle("has-keys", !isOff());
  show();
  for (const opener of page.querySelectorAll("[data-opens]")) {
    opener.hidden = false;
    opener.addEventListener("click", () => page.getElementById(opener.dataset.opens).showModal());
  }
  const list = page.querySelector("[data-keys-list]");
  for (const element of page.querySelectorAll("[data-key]")) {
    element.setAttribute("aria-keyshortcuts", element.dataset.key.replace("ctrl+", "Control+"));
    const printed = element.querySelector(".key");
    if (!list || !printed || element.dataset.key === "?") continue;
    // The list names what this page has, in the words of its buttons.
    const [term, words] = [page.createElement("dt"), page.createElement("dd")];
    term.append(printed.cloneNode(true));
    words.textContent = element.textContent.replace(printed.textContent, "").trim();
    list.append(term, words);
  }
  const toggle = page.querySelector("[data-keys-off]");
  if (toggle) {
    toggle.checked = isOff();
    toggle.addEventListener("change", () => {
      globalThis.localStorage?.setItem(OFF, toggle.checked ? "1" : "");
      show();
    });
  }

  let before = "";
  let beforeAt = 0;
  page.addEventListener("keydown", (event) => {
    const name = nameOf(event);
    if (event.defaultPrevented || event.isComposing || event.altKey) return;
    if (page.querySelector("dialog[open]")) return;
    if (name === "Enter" && event.target.matches("select")) return sendFrom(event);
    if (!always(name) && (isOff() || typing(event.target))) return;
    // On a link or a button Enter is its own.
    if (name === "Enter" && event.target.closest("a, button, summary")) return;
    const isInRows = event.target === page.body || event.target.closest("[data-rows]");
    const rowStep = isInRows && page.querySelector("[data-rows]") && { ArrowDown: 1, ArrowUp: -1 }[name];
    if (name.startsWith("Arrow") && !rowStep) {
      if (!event.target.closest("[data-grid] td a")) return;
      event.preventDefault();
      inGrid(event.target, name).focus();
      return;
    }
    if (name === "j" || name === "k" || rowStep) {
      if (rowStep) event.preventDefault();
      const rows = [...page.querySelectorAll(".row-link")].filter(visible);
      const open = page.querySelector("[aria-selected=true] .row-link");
      const from = rows.includes(page.activeElement) ? page.activeElement : open;
      neighbour(rows, from, rowStep || (name === "j" ? 1 : -1))?.focus();
      return;
    }
    const sequence = event.timeStamp - beforeAt < SEQUENCE_MS ? `${before} ${name}` : name;
    [before, beforeAt] = [name, event.timeStamp];
    const wanted = [...page.querySelectorAll("[data-key]")].filter(visible);
    const target = wanted.find((element) => element.dataset.key === sequence)
      ?? wanted.find((element) => element.dataset.key === name);
    if (!target) return;
    event.preventDefault();
    if (target.matches("input:not([type=checkbox], [type=radio]), textarea, select")) {
      target.focus();
      target.select?.();
    } else target.click();
  });

  // The whole row answers a click; the link in it stays what keyboards and screen readers use.
  page.addEventListener("click", (event) => {
    const row = event.target.closest("tr:has(.row-link)");
    if (row && !event.target.closest("a, button, input, label, summary") && !String(getSelection())) {
      row.querySelector(".row-link").click();
    }
  });
  // An open filter closes when the next one opens or the page is clicked elsewhere.
  page.addEventListener("click", (event) => {
    for (const open of page.querySelectorAll("details.filter[open], details.menu[open]")) {
      if (!open.contains(event.target)) open.open = false;
    }
  });
  page.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && event.target.closest?.("details.filter[open], details.menu[open]");
    if (open) {
      event.stopImmediatePropagation();
      open.open = false;
      open.querySelector("summary").focus();
    }
  }, true);
}

/** Act on the keys that early-keys.js remembered. What the browser itself does with Enter, it has done. */
function actOnEarlyKeys({ pressed, remember }) {
  removeEventListener("keydown", remember);
  for (const { key, ctrlKey, metaKey, altKey, isComposing, defaultPrevented, target } of pressed) {
    if (defaultPrevented || isComposing || (key === "Enter" && !ctrlKey && target !== document.body)) continue;
    const init = { key, ctrlKey, metaKey, altKey, bubbles: true, cancelable: true };
    target.dispatchEvent(new KeyboardEvent("keydown", init));
  }
}

// Not before all modules are there: a key must find the dialog that asks whether it is meant.
globalThis.document?.addEventListener("DOMContentLoaded", () => {
  // A browser gives the focus when it first draws the page: Enter pressed before that would be another button's.
  if (document.activeElement === document.body) document.querySelector("[autofocus]")?.focus();
  mount();
  if (globalThis.earlyKeys) actOnEarlyKeys(globalThis.earlyKeys);
});
