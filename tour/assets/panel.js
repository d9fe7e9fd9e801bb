// The inspector beside the page. Without scripts a link leads to it.
"use strict";

(() => {
  const panel = document.getElementById("inspector");
  const [link, button] = document.querySelectorAll(".to-inspector");
  // Where in the inspector somebody was, for the next page; nothing if it is closed.
  const KEPT = "inspector";
  const FIRST = "/inspect?browser=this";

  const open = (at) => {
    const frame = document.createElement("iframe");
    frame.title = "The inspector: what goes over the wire";
    frame.src = at.startsWith("/inspect") ? at : FIRST;
    frame.addEventListener("load", () => {
      const { pathname, search } = frame.contentWindow.location;
      localStorage.setItem(KEPT, pathname + search);
    });
    panel.replaceChildren(frame);
    show(true);
  };
  const close = () => {
    localStorage.removeItem(KEPT);
    panel.replaceChildren();
    show(false);
  };
  const show = (isOpen) => {
    panel.hidden = !isOpen;
    button.setAttribute("aria-expanded", isOpen);
    document.body.classList.toggle("with-panel", isOpen);
  };
  const toggle = () => (panel.hidden ? open(FIRST) : close());

  link.hidden = true;
  button.hidden = false;
  button.addEventListener("click", toggle);
  addEventListener("keydown", (event) => {
    const isTyping = event.target.matches("input, textarea, select");
    if (event.key !== "i" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    toggle();
  });
  // The panel sees the same key, and hands it on.
  addEventListener("message", (event) => {
    if (event.origin === location.origin && event.data === "close the inspector") close();
  });
  const kept = localStorage.getItem(KEPT);
  if (kept) open(kept);
})();
