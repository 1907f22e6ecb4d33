// A long sheet's progress, looked at every second without loading the page anew,
// so that whoever works by keyboard stays where they are.
(() => {
  "use strict";
  const PAUSE = 1000; // milliseconds
  const here = document.getElementById("progress");
  if (!here) return;

  function show(now) {
    here.querySelector("[data-said]").textContent =
      now.querySelector("[data-said]").textContent;
    const [shown, bar] = [here, now].map((place) => place.querySelector("progress"));
    if (!bar.hasAttribute("value")) return;
    shown.max = bar.max;
    shown.value = bar.value;
  }

  async function look() {
    try {
      const answer = await fetch(location.href);
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const now = page.getElementById("progress");
        if (!now) return void location.reload(); // Done, stopped, or logged out.
        show(now);
      }
    } catch {
      // The server may be restarting; the next look will tell.
    }
    setTimeout(look, PAUSE);
  }

  setTimeout(look, PAUSE);
})();
