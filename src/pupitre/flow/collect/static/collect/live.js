// The live view waits while somebody reads an event that they opened.
"use strict";

document.addEventListener("htmx:beforeRequest", (event) => {
  const live = event.target.closest("#live");
  if (live && live.querySelector("details[open]")) event.preventDefault();
});
