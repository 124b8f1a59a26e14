// Reviewing with the keyboard: from line to line, one key for an answer. Without it, Tab, Space and arrows do the same.
"use strict";

(() => {
  const form = document.getElementById("lines");
  const lines = [...form.querySelectorAll("[data-line]")];
  const keys = document.getElementById("keys");
  const isOn = document.getElementById("keys-on");
  const all = document.getElementById("tick-all");
  const marked = document.getElementById("marked");
  const explanation = marked.textContent;
  const ANSWERS = { a: "approve", d: "deny", n: "dont_know" };
  let saves = false;

  const here = () => lines.indexOf(document.activeElement.closest("[data-line]"));
  const go = (to) => lines[Math.max(0, Math.min(to, lines.length - 1))].focus();
  const tickOf = (line) => line.querySelector("[name=item]");
  const reasonOf = (line) => line.querySelector(".reason");
  const isText = (at) => at.matches("textarea, select, [contenteditable], input:not([type=radio]):not([type=checkbox])");

  const tell = () => {
    const answers = form.querySelectorAll("[type=radio]:checked").length;
    const ticks = form.querySelectorAll("[name=item]:checked").length;
    marked.textContent = answers || ticks ? `${answers} marked, ${ticks} ticked.` : explanation;
    all.checked = ticks === lines.length;
  };
  const mark = (line, verdict) => {
    const radio = line.querySelector(`[type=radio][value=${verdict}]`);
    radio.checked = !radio.checked;
    tell();
    if (radio.checked) go(lines.indexOf(line) + 1);
  };
  const tick = (line) => {
    tickOf(line).checked = !tickOf(line).checked;
    tell();
  };

  // What a key does; nothing where it is no shortcut, so that the browser does what it always does.
  const meant = (key, at, line) => {
    if (key === "j") return () => go(at + 1);
    if (key === "k") return () => go(at < 0 ? 0 : at - 1);
    if (!line) return undefined;
    if (key in ANSWERS) return () => mark(line, ANSWERS[key]);
    if (key === "x") return () => tick(line);
    if (key === "r") return () => reasonOf(line).focus();
    if (document.activeElement !== line) return undefined;
    if (key === "arrowdown") return () => go(at + 1);
    if (key === "arrowup") return () => go(at - 1);
    return key === "enter" ? () => form.requestSubmit() : undefined;
  };

  document.addEventListener("keydown", (event) => {
    const at = here();
    if (!isOn.checked || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (isText(document.activeElement)) {
      if (event.key === "Escape" && at >= 0) lines[at].focus();
      return;
    }
    const action = meant(event.key.toLowerCase(), at, lines[at]);
    if (!action) return;
    event.preventDefault();
    action();
  });

  form.addEventListener("change", tell);
  form.addEventListener("reset", () => setTimeout(tell));
  form.addEventListener("submit", () => { saves = true; });
  all.addEventListener("change", () => {
    lines.forEach((line) => { tickOf(line).checked = all.checked; });
    tell();
  });
  // Marks that are not saved yet are not lost by a slip.
  window.addEventListener("beforeunload", (event) => {
    if (!saves && form.querySelector("[type=radio]:checked")) event.preventDefault();
  });

  try {
    isOn.checked = localStorage.getItem("review-keys") !== "off";
  } catch { /* No memory allowed: they are on. */ }
  isOn.addEventListener("change", () => {
    try {
      localStorage.setItem("review-keys", isOn.checked ? "on" : "off");
    } catch { /* Then it holds for this page. */ }
  });
  keys.hidden = false;
  all.closest("label").hidden = false;
  document.getElementById("who").hidden = true;
  tell();
})();
