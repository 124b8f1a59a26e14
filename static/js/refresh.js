// A request that waits shows by itself what became of it: looks again while the page is seen, less and less often.
"use strict";

(() => {
  const FIRST = 10_000;
  const LONGEST = 60_000;
  let pause = FIRST;

  const state = () => document.getElementById("state");
  const say = (words) => { document.getElementById("news").textContent = words; };
  // What was typed, or is being typed, is never taken away.
  const isTyped = () => [...state().querySelectorAll("textarea, select, input:not([type=hidden])")].some(
    (field) => field === document.activeElement || (field.tagName === "SELECT"
      ? field.selectedIndex > 0 : field.value !== field.defaultValue),
  );

  const look = async () => {
    if (document.hidden || isTyped()) return later();
    const answer = await fetch(location.pathname, { credentials: "same-origin", redirect: "error" }).catch(() => null);
    const found = answer && answer.ok
      ? new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("state") : null;
    if (!found || found.dataset.state === state().dataset.state || isTyped()) return later();
    state().replaceWith(document.adoptNode(found));
    say("This request has changed.");
    pause = FIRST;
    return found.dataset.open === "yes" ? later(FIRST) : undefined;
  };

  const later = (next = Math.min(pause * 1.5, LONGEST)) => {
    setTimeout(look, pause);
    pause = next;
  };

  later();
})();
