// What only scripts can access: localStorage, sessionStorage, and the cookies that scripts may read. Everything else works
// without scripts.
"use strict";

const find = (selector) => document.querySelector(selector);
const findAll = (selector) => [...document.querySelectorAll(selector)];
const STORES = { localStorage, sessionStorage };

// From step zero to step one.
find("[data-carry]")?.addEventListener("submit", (event) => {
  const store = STORES[event.submitter?.value];
  if (!store) return;
  event.preventDefault();
  store.setItem("carried", event.target.elements.carried.value);
  location.assign("/step-one");
});
for (const cell of findAll("[data-stored]")) {
  const carried = STORES[cell.dataset.stored].getItem("carried");
  const shown = document.createElement(carried === null ? "span" : "output");
  shown.className = carried === null ? "faint" : "";
  shown.textContent = carried ?? "nothing";
  cell.replaceChildren(shown);
}

// The three places to store data, side by side.
for (const form of findAll("[data-store]")) {
  const store = STORES[form.dataset.store];
  const show = () => (form.querySelector("output").textContent = store.getItem("note") ?? "nothing");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    store.setItem("note", form.elements.note.value);
    show();
  });
  form.querySelector("button").disabled = false;
  show();
}

// The banner, which stays closed for the rest of the visit.
const banner = find("[data-banner]");
if (banner) {
  const reopen = find("[data-reopen]");
  const show = () => {
    const closed = sessionStorage.getItem("banner") === "closed";
    banner.hidden = closed;
    reopen.hidden = !closed;
  };
  find("[data-close]").addEventListener("click", () => (sessionStorage.setItem("banner", "closed"), show()));
  reopen.addEventListener("click", () => (sessionStorage.removeItem("banner"), show()));
  show();
}

// The cookies that scripts see.
for (const output of findAll("[data-script-cookies]")) {
  const names = document.cookie.split("; ").filter(Boolean).map((pair) => pair.split("=")[0]);
  output.textContent = names.length ? names.join(", ") : "none";
}

// The checklist, if it is stored in localStorage.
const checklist = find('[data-progress="localStorage"]');
if (checklist) {
  const boxes = [...checklist.querySelectorAll('[type="checkbox"]')];
  const address = new URL(location.href);
  const fromUrl = address.searchParams.get("progress");
  if (fromUrl !== null) {
    localStorage.setItem("progress", fromUrl);
    address.searchParams.delete("progress");
    history.replaceState(null, "", address);
  }
  const done = (localStorage.getItem("progress") ?? "").split(".");
  const count = () => (checklist.querySelector("output").textContent = boxes.filter((box) => box.checked).length);
  for (const box of boxes) box.checked = done.includes(box.id);
  count();
  checklist.addEventListener("submit", (event) => {
    if (event.submitter?.name === "storage") {
      localStorage.removeItem("progress");
      return;
    }
    event.preventDefault();
    localStorage.setItem("progress", boxes.filter((box) => box.checked).map((box) => box.id).join("."));
    count();
  });
}
