// The inspector beside the page. Without scripts, a link leads to it.
"use strict";

(() => {
  const panel = document.getElementById("inspector");
  const [link, button] = document.querySelectorAll(".to-inspector");
  // The page of the inspector that the next page opens. It is not set if the inspector is closed.
  const STORAGE_KEY = "inspector";
  const FIRST = "/inspect?browser=this";

  const open = (at) => {
    const frame = document.createElement("iframe");
    frame.title = "The inspector: what goes over the wire";
    frame.src = at.startsWith("/inspect") ? at : FIRST;
    frame.addEventListener("load", () => {
      const { pathname, search } = frame.contentWindow.location;
      localStorage.setItem(STORAGE_KEY, pathname + search);
    });
    panel.replaceChildren(frame);
    show(true);
  };
  const close = () => {
    localStorage.removeItem(STORAGE_KEY);
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
  // If the panel has the focus, it receives the key, and sends this message.
  addEventListener("message", (event) => {
    if (event.origin === location.origin && event.data === "close the inspector") close();
  });
  const stored = localStorage.getItem(STORAGE_KEY);
  if (stored) open(stored);
})();
