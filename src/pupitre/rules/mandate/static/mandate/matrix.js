// The editor's comforts: a click opens the letters in place, and the keyboard edits like a sheet.
// Without this file every cell is a link to a page of its own.
"use strict";

(() => {
  const GRID = "table[data-grid]";
  const STOPS = "tbody th[scope=row] > a, td a.cell"; // what the arrows reach, row by row
  let here = null; // where the keyboard is: {row, seat}; the row's name has no seat
  let queue = Promise.resolve(); // one change after the other, in the order of the keys

  const grid = () => document.querySelector(GRID);
  const rows = () => [...grid().querySelectorAll("tbody tr[data-query]")];
  const cells = (row) => [...row.querySelectorAll("th[scope=row], td[data-seat]")];
  const link = (cell) => cell && cell.querySelector(":scope > a");
  const place = (cell) => ({ row: cell.closest("tr").id, seat: cell.dataset.seat || "" });

  const found = () => {
    const row = here && document.getElementById(here.row);
    if (!row) return null;
    return row.querySelector(here.seat ? `td[data-seat="${here.seat}"]` : "th[scope=row]");
  };

  // One cell is in the order of the Tab key; the arrows reach the others.
  const rove = () => {
    const table = grid();
    if (!table) return;
    table.setAttribute("role", "grid");
    const current = found() || cells(rows()[0] || document.createElement("tr"))[1];
    for (const other of table.querySelectorAll(STOPS)) other.tabIndex = -1;
    if (link(current)) link(current).tabIndex = 0;
  };

  // The head and the names stay in sight while the letters pass; focus must not hide under them.
  const reveal = (cell) => {
    const region = cell.closest(".matrix-region");
    if (region.getBoundingClientRect().top < 0) region.scrollIntoView({ block: "start" });
    const box = cell.getBoundingClientRect();
    const under = region.querySelector("thead").getBoundingClientRect().bottom - box.top;
    const name = cell.closest("tr").querySelector("th").getBoundingClientRect();
    if (under > 0) region.scrollTop -= under;
    if (cell.dataset.seat && box.left < name.right) region.scrollLeft -= name.right - box.left;
  };

  const stand = (cell) => {
    here = place(cell);
    rove();
    link(cell).focus();
    reveal(cell);
  };

  const closePicker = () => {
    const open = document.querySelector(".picker");
    if (open) open.remove();
    return Boolean(open);
  };

  const placePicker = (cell) => {
    const picker = cell.querySelector(".picker");
    if (!picker) return;
    const region = cell.closest(".matrix-region").getBoundingClientRect();
    const head = cell.closest("table").tHead.getBoundingClientRect();
    const box = picker.getBoundingClientRect();
    if (box.bottom > region.bottom && box.height < cell.getBoundingClientRect().top - head.bottom) {
      picker.classList.add("above");
    }
    if (box.right > region.right) picker.classList.add("left");
    else if (box.left < region.left) picker.classList.add("right");
    const chosen = picker.querySelector('[aria-pressed="true"]') || picker.querySelector("button");
    chosen.focus();
  };

  const openPicker = (anchor) => {
    const cell = anchor.closest("td");
    closePicker();
    here = place(cell);
    rove();
    htmx
      .ajax("GET", anchor.getAttribute("href"), { source: cell, target: cell, swap: "innerHTML" })
      .then(() => placePicker(found() || cell));
  };

  // What a key makes of a cell's letters: A and R live together, C and I alone.
  const after = (letters, key) => {
    const has = letters.includes(key);
    if (key === "C" || key === "I") return has ? "" : key;
    const kept = letters.replace(/[CI]/g, "");
    const set = new Set(kept);
    if (has) set.delete(key);
    else set.add(key);
    return ["A", "R"].filter((letter) => set.has(letter)).join("");
  };

  const change = (where, toLetters) => {
    queue = queue.then(() => {
      here = where;
      const cell = found();
      if (!cell || !here.seat) return undefined;
      const letters = toLetters(cell.dataset.letters);
      if (letters === cell.dataset.letters) return undefined;
      const asked = new URLSearchParams(cell.closest("tr").dataset.query);
      return htmx.ajax("POST", grid().dataset.grid, {
        source: cell,
        target: cell,
        swap: "none",
        values: {
          scope: asked.get("scope") || "",
          activity: asked.get("activity"),
          seat: cell.dataset.seat,
          was: cell.dataset.letters,
          letters,
        },
      });
    });
  };

  const MOVES = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
  };

  const move = (cell, [down, right]) => {
    const all = rows();
    const row = all.indexOf(cell.closest("tr"));
    const column = cells(all[row]).indexOf(cell);
    const next = all[Math.min(Math.max(row + down, 0), all.length - 1)];
    const across = cells(next);
    stand(across[Math.min(Math.max(column + right, 0), across.length - 1)]);
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && closePicker()) {
      const cell = found();
      if (cell) stand(cell);
      return;
    }
    const anchor = event.target.closest(`${GRID} :is(${STOPS})`);
    if (!anchor || event.ctrlKey || event.metaKey || event.altKey) return;
    const cell = anchor.closest("th, td");
    const key = event.key.toUpperCase();
    if (MOVES[event.key]) move(cell, MOVES[event.key]);
    else if (event.key === "Home") stand(cells(cell.closest("tr"))[0]);
    else if (event.key === "End") stand(cells(cell.closest("tr")).at(-1));
    else if ("ARCI".includes(key) && key.length === 1) change(place(cell), (held) => after(held, key));
    else if (event.key === "Delete" || event.key === "Backspace") change(place(cell), () => "");
    else return;
    event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const anchor = event.target.closest(`${GRID} a.cell`);
    const plain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.button);
    if (anchor && plain) {
      event.preventDefault();
      const again = anchor.closest("td").querySelector(".picker");
      if (again) closePicker();
      else openPicker(anchor);
    } else if (!event.target.closest(".picker")) {
      closePicker();
    }
    if (!event.target.closest(".menu-down")) {
      for (const open of document.querySelectorAll(".menu-down[open]")) open.open = false;
    }
  });

  document.addEventListener("focusin", (event) => {
    const anchor = event.target.closest(`${GRID} :is(${STOPS})`);
    if (anchor) here = place(anchor.closest("th, td"));
  });

  // A row that has just been replaced took the focus with it.
  document.addEventListener("htmx:afterSettle", () => {
    if (!grid()) return;
    rove();
    const cell = found();
    const lost = !document.activeElement || document.activeElement === document.body;
    if (cell && lost && !cell.querySelector(".picker")) link(cell).focus();
  });

  document.addEventListener("DOMContentLoaded", rove);
})();
