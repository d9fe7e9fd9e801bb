// The page is complete without this script, which adds live updates and keyboard shortcuts.
"use strict";

const find = (selector, within = document) => within.querySelector(selector);
const findAll = (selector, within = document) => [...within.querySelectorAll(selector)];
const { base } = document.body.dataset;
/** The maximum number of exchanges on the page. A reload shows older ones. */
const MAX_EXCHANGES = 300;
const WIDE = matchMedia("(min-width: 68rem)");

const conversation = find("[data-conversation]");
const filters = find("[data-filters]");
const lamp = find("[data-lamp]");
const fetchPage = (path) => fetch(path, { headers: { accept: "text/html" } }).then((response) => (response.ok ? response.text() : Promise.reject(response.status)));
const parseHtml = (html) => new DOMParser().parseFromString(html, "text/html");

document.body.classList.add("live-page");
// In a frame of the application: use its theme, and offer to open the inspector in a tab.
const isFramed = window.parent !== window;
if (isFramed) {
  document.body.classList.add("framed");
  find("[data-whole]").hidden = false;
  const theme = window.parent.document.documentElement.dataset.theme;
  if (theme) document.documentElement.dataset.theme = theme;
}

// --- filters -----------------------------------------------------------------------------------------------------

const filterValues = () => new FormData(filters ?? undefined);
const matches = (turn, path, only) =>
  turn.dataset.path.includes(path) && only.every((attribute) => attribute in turn.dataset);
const shown = () => findAll(".turn:not([hidden])", conversation);
const address = () => {
  const query = new URLSearchParams([...filterValues()].filter(([, value]) => value));
  return `${location.pathname}?${query}`;
};
const isFiltered = () => Boolean(filterValues().get("path")) || filterValues().has("only");
const applyFilters = () => {
  if (!conversation) return;
  const turns = findAll(".turn", conversation);
  const [path, only] = [filterValues().get("path") ?? "", filterValues().getAll("only")];
  for (const turn of turns) turn.hidden = !matches(turn, path, only);
  const isEmpty = shown().length === 0;
  find("[data-empty]").hidden = !isEmpty || isFiltered();
  find("[data-none]").hidden = !isEmpty || !isFiltered();
};
/** Filters apply at once to the exchanges on the page. Older matches are requested after a pause in typing. */
const TYPING_PAUSE_MS = 250;
let typingTimer = null;
filters?.addEventListener("input", (event) => {
  if (event.target.name === "browser") return location.assign(address());
  history.replaceState(null, "", address());
  applyFilters();
  clearTimeout(typingTimer);
  typingTimer = setTimeout(async () => {
    const at = address();
    const page = parseHtml(await fetchPage(at).catch(() => ""));
    const found = find("[data-conversation]", page);
    if (!found || at !== address()) return;
    select(null);
    conversation.replaceChildren(...found.children);
    applyFilters();
  }, TYPING_PAUSE_MS);
});
filters?.addEventListener("submit", (event) => event.preventDefault());

// --- selected exchange -------------------------------------------------------------------------------------------

const chosen = find("[data-chosen]");
let selected = null;
let requested = null;
let isLoading = false;
/** Shows an exchange beside the conversation. Loads one at a time; of those requested meanwhile, only the last. */
const showExchange = async (number) => {
  if (!chosen || !WIDE.matches) return;
  requested = String(number);
  if (isLoading) return;
  isLoading = true;
  try {
    while (chosen.dataset.number !== requested) {
      const loading = requested;
      const body = find(".exchange", parseHtml(await fetchPage(`${base}/exchanges/${loading}`)));
      chosen.dataset.number = loading;
      chosen.replaceChildren(body);
      chosen.scrollTop = 0;
    }
  } catch {
    // The exchange is no longer stored, or the server does not respond.
  } finally {
    isLoading = false;
  }
};
const select = (turn) => {
  selected?.removeAttribute("aria-current");
  selected = turn ?? null;
  if (!selected) return showNewest();
  selected.setAttribute("aria-current", "true");
  find("[data-open]", selected).focus({ preventScroll: true });
  selected.scrollIntoView({ block: "nearest" });
  showExchange(selected.dataset.number);
};
/** Shows the newest exchange if none is selected. */
const showNewest = () => {
  const newest = shown()[0];
  if (!selected && newest) showExchange(newest.dataset.number);
};
const selectNext = (by) => {
  const turns = shown();
  const at = turns.indexOf(selected);
  const next = turns[at < 0 ? 0 : Math.min(Math.max(at + by, 0), turns.length - 1)];
  if (next) select(next);
};
conversation?.addEventListener("click", (event) => {
  const turn = event.target.closest(".turn");
  const link = event.target.closest("a");
  if (!turn || event.ctrlKey || event.metaKey || event.shiftKey || String(getSelection())) return;
  if (WIDE.matches) {
    event.preventDefault();
    select(turn);
  } else if (!link) {
    find("[data-open]", turn).click();
  }
});

// --- new exchanges -----------------------------------------------------------------------------------------------

const newer = find("[data-newer]");
let paused = false;
let waiting = [];
let unseen = 0;
const flush = () => {
  if (paused || !waiting.length) return;
  const arrived = waiting.splice(0).slice(-MAX_EXCHANGES);
  const turns = arrived.map((html) => find(".turn", parseHtml(html))).filter(Boolean).filter((turn) => !document.getElementById(turn.id));
  const before = conversation.getBoundingClientRect().height;
  const isScrolled = window.scrollY > 40;
  conversation.prepend(...turns.reverse().map((turn) => (turn.classList.add("new"), document.adoptNode(turn))));
  // Keep the text that is being read in place.
  if (isScrolled) window.scrollBy({ top: conversation.getBoundingClientRect().height - before, behavior: "instant" });
  for (const old of findAll(".turn", conversation).slice(MAX_EXCHANGES)) if (old !== selected) old.remove();
  applyFilters();
  showNewest();
  unseen = isScrolled ? unseen + turns.filter((turn) => !turn.hidden).length : 0;
  newer.hidden = unseen === 0;
  newer.textContent = `${unseen} newer`;
};
newer?.addEventListener("click", () => scrollTo({ top: 0 }));
addEventListener("scroll", () => {
  if (!newer || window.scrollY > 40) return;
  unseen = 0;
  newer.hidden = true;
}, { passive: true });

const showState = (text, state) => {
  find("[data-state]").textContent = text;
  lamp.className = `lamp ${state}`;
};
const showTotals = (totals) => {
  find("[data-total]").textContent = totals.total;
  for (const tab of findAll("[data-count]")) if (totals[tab.dataset.count] !== undefined) tab.textContent = totals[tab.dataset.count];
  const sampled = find("[data-sampled]");
  if (!sampled) return;
  sampled.hidden = !totals.sampled;
  sampled.textContent = totals.sampled ?? "";
};
/** The minimum time between reloads of the views that summarize all exchanges. */
const RELOAD_PAUSE_MS = 400;
let reloadTimer = null;
const reload = () => {
  reloadTimer ??= setTimeout(async () => {
    const page = parseHtml(await fetchPage(location.href).catch(() => "")).querySelector("main");
    reloadTimer = null;
    if (paused || !page) return;
    const open = findAll("details", find("main")).map((each) => each.open);
    findAll("details", page).forEach((each, at) => (each.open = open[at] ?? true));
    find("main").replaceChildren(...page.childNodes);
    updateLifetimes();
  }, RELOAD_PAUSE_MS);
};

const stream = new EventSource(`${base}/events?browser=${filterValues().get("browser") ?? "all"}&after=${find("[data-total]").textContent}`);
stream.addEventListener("open", () => showState(paused ? "paused" : "live", paused ? "" : "live"));
stream.addEventListener("error", () => showState("reconnecting", "lost"));
stream.addEventListener("exchange", ({ data }) => {
  if (!conversation) return find("main[data-live]") && reload();
  waiting.push(data);
  if (waiting.length > MAX_EXCHANGES) waiting.shift();
  if (waiting.length === 1) requestAnimationFrame(flush);
});
stream.addEventListener("totals", ({ data }) => showTotals(JSON.parse(data)));
addEventListener("pagehide", () => stream.close());

const pause = find("[data-pause]");
pause.hidden = false;
pause.addEventListener("click", () => {
  paused = !paused;
  pause.textContent = paused ? "Resume" : "Pause";
  pause.setAttribute("aria-pressed", paused);
  showState(paused ? "paused" : "live", paused ? "" : "live");
  if (conversation) flush();
  else if (!paused) reload();
});

// --- remaining lifetimes -----------------------------------------------------------------------------------------

const UNITS = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
/** Formats a duration in its two largest units, as in "23 h 12 min". */
const durationText = (seconds) => {
  if (seconds <= 0) return "expired";
  const at = UNITS.findIndex(([, size]) => seconds >= size);
  return UNITS.slice(at < 0 ? 3 : at, (at < 0 ? 3 : at) + 2)
    .map(([unit, size], place) => [Math.floor(place ? (seconds % UNITS[at][1]) / size : seconds / size), unit])
    .filter(([number], place) => number > 0 || place === 0)
    .map(([number, unit]) => `${number} ${unit}`)
    .join(" ");
};
const updateLifetimes = () => {
  const now = Date.now();
  for (const bar of findAll("progress[data-until]")) {
    bar.value = Math.max(0, (bar.dataset.until - now) / 1000);
    bar.classList.toggle("short", bar.position < 0.1);
  }
  for (const left of findAll("[data-left]")) left.textContent = durationText(Math.floor((left.dataset.left - now) / 1000));
};
updateLifetimes();
setInterval(updateLifetimes, 1000);

// --- keyboard shortcuts ------------------------------------------------------------------------------------------

const help = find("dialog");
const helpButton = find("[data-help]");
helpButton.hidden = false;
helpButton.addEventListener("click", () => help.showModal());
const KEYS = {
  j: () => selectNext(1),
  ArrowDown: () => selectNext(1),
  k: () => selectNext(-1),
  ArrowUp: () => selectNext(-1),
  Enter: () => selected && location.assign(`${base}/exchanges/${selected.dataset.number}`),
  "/": () => find("input[type=search]")?.focus(),
  "?": () => help.showModal(),
  p: () => pause.click(),
  // The page around this one opened it with the same key, and closes it.
  i: () => isFramed && window.parent.postMessage("close the inspector", location.origin),
  Escape: () => (selected ? select(null) : find("[data-back]")?.click()),
};
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
  if (event.target.matches("input:not([type=radio], [type=checkbox]), textarea, select")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const tab = findAll(".views a")[Number(event.key) - 1];
  const action = tab ? () => tab.click() : KEYS[event.key];
  if (!action || (event.key === "Enter" && event.target.matches("a, button, summary, input"))) return;
  if (event.key.startsWith("Arrow") && !conversation) return;
  event.preventDefault();
  action();
});
applyFilters();
