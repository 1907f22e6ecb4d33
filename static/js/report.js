// A township's file takes some seconds: says how far it is until it arrives.
// Without a script the browser's own sign of loading is all there is.
(() => {
  "use strict";
  const PAUSE = 500; // milliseconds
  const PATIENCE = 20; // looks before an export is seen to have begun
  const form = document.querySelector("form[data-progress]");
  if (!form) return;
  const place = form.querySelector(".waiting");
  const [said, bar] = [place.querySelector("span"), place.querySelector("progress")];
  let looks = 0; // none: nothing is waited for

  function show(now) {
    said.textContent = now.sentence;
    [bar.max, bar.value] = [now.steps, now.done];
    place.hidden = false;
  }

  async function look() {
    const asked = new URLSearchParams(new FormData(form));
    asked.delete("csrfmiddlewaretoken");
    const answer = await fetch(`${form.dataset.progress}?${asked}`).catch(() => null);
    if (answer?.ok) show(await answer.json());
    const hasArrived = answer?.status === 404 && !place.hidden;
    looks = hasArrived || looks === PATIENCE ? 0 : looks + place.hidden;
    if (looks) setTimeout(look, PAUSE);
    else place.hidden = true;
  }

  form.addEventListener("submit", () => {
    if (looks) return;
    looks = 1;
    setTimeout(look, PAUSE);
  });
})();
