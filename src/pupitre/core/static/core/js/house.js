// Small comforts. Every page works without this file.
"use strict";

// A link with data-dialog opens the dialog of that id in place of the page it leads to.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog && typeof dialog.showModal === "function") {
    event.preventDefault();
    dialog.showModal();
    return;
  }
  const closer = event.target.closest("dialog [data-close]");
  if (closer) {
    event.preventDefault();
    closer.closest("dialog").close();
  }
});

// An input with data-filter narrows the elements of a list to those that hold its words.
document.addEventListener("input", (event) => {
  const field = event.target.closest("input[data-filter]");
  if (!field) return;
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const words = plain(field.value).split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const item of document.querySelectorAll(field.dataset.filter)) {
    const text = plain(item.textContent);
    item.hidden = !words.every((word) => text.includes(word));
    if (!item.hidden) shown += 1;
  }
  const told = document.getElementById(field.dataset.told || "");
  if (told) told.textContent = String(shown);
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

// After a form came back with errors, the eye and the keyboard start at their summary.
const toSummary = (root) => {
  const summary = root.querySelector(".summary[tabindex]");
  if (summary && !summary.closest("[data-sample]")) summary.focus();
};
document.addEventListener("DOMContentLoaded", () => toSummary(document));

// A message that a fragment brought may stand above what is on screen.
document.addEventListener("htmx:afterSwap", (event) => {
  const flash = document.getElementById("flash");
  if (flash && flash.childElementCount && event.detail.target === flash) {
    flash.scrollIntoView({ block: "center" });
  }
  toSummary(event.detail.elt);
});

// The network itself failed: say so where messages are said.
document.addEventListener("htmx:sendError", () => {
  const flash = document.getElementById("flash");
  const sample = document.getElementById("offline");
  if (flash && sample) flash.replaceChildren(sample.content.cloneNode(true));
});
