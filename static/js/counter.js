// 兑换柜台 made quick: sums at once, a scanner heard from anywhere on the page,
// a form that stays when the network goes, one slip however often it is sent.
// The server decides everything; without this file the same buttons post.
"use strict";
document.documentElement.classList.add("js");

(() => {
  const $ = (id) => document.getElementById(id);
  const field = (id, name) => $(id)?.elements.namedItem(name);

  // What the page shows of the goods in the till

  function show() {
    const till = $("till");
    if (!till) return;
    const balance = Number(till.dataset.balance);
    const wares = [...till.querySelectorAll(".ware[data-points]")].map((tile) => ({
      tile,
      points: Number(tile.dataset.points),
      stock: Number(tile.dataset.stock),
      box: tile.querySelector("[type=number]"),
    }));
    const count = (ware) => Math.max(0, Math.trunc(Number(ware.box?.value)) || 0);
    const total = wares.reduce((sum, ware) => sum + count(ware) * ware.points, 0);
    const left = balance - total;
    for (const ware of wares.filter(({ box }) => box)) {
      const chosen = count(ware);
      const missing = Math.max(0, ware.points - left);
      const isOut = ware.stock <= 0;
      const isShort = !isOut && !chosen && missing > 0;
      ware.tile.classList.toggle("in-cart", chosen > 0);
      ware.tile.classList.toggle("short", isShort);
      ware.tile.querySelector("[name=less]").disabled = chosen === 0;
      ware.tile.querySelector("[name=more]").disabled = missing > 0 || chosen >= ware.stock;
      ware.box.disabled = isShort;
      const why = ware.tile.querySelector(".why span");
      if (why) why.textContent = missing;
    }
    const sum = $("sum");
    sum.querySelector("em").textContent = total;
    sum.querySelector(".left b").textContent = left;
    sum.querySelector(".lack b").textContent = -left;
    sum.querySelector(".left").hidden = left < 0;
    sum.querySelector(".lack").hidden = left >= 0;
    $("smallest").classList.toggle("is-short", total > 0 && total < Number(till.dataset.smallest));
  }

  function step(button, by) {
    const box = button.closest(".num").querySelector("[type=number]");
    const stock = Number(button.closest(".ware").dataset.stock);
    box.value = Math.min(stock, Math.max(0, (Math.trunc(Number(box.value)) || 0) + by));
    show();
    // A button that switched itself off must not lose the keyboard's place.
    if (button.disabled) button.closest(".num").querySelector("button:enabled")?.focus();
  }

  // One request at a time; what comes meanwhile is a second click

  let isBusy = false;

  async function send(form, button) {
    if (isBusy) return;
    isBusy = true;
    const data = new FormData(form);
    if (button?.name) data.set(button.name, button.value);
    button?.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.action, { method: "POST", body: data, headers: { "X-Desk": "1" } });
      if (answer.status >= 500) throw new Error(answer.statusText);
      $("counter-offline").hidden = true;
      if (answer.redirected || !answer.ok) {
        $("counter-expired").hidden = false;
      } else if (answer.headers.get("Content-Type").includes("json")) {
        location.assign((await answer.json()).next);
        return; // Busy until the next page is here.
      } else {
        take(await answer.text());
      }
    } catch {
      $("counter-offline").hidden = false;
      $("counter-offline").scrollIntoView({ block: "nearest" });
    }
    button?.removeAttribute("aria-busy");
    isBusy = false;
  }

  function take(html) {
    const answer = new DOMParser().parseFromString(html, "text/html").getElementById("counter");
    $("counter").replaceWith(document.adoptNode(answer));
    show();
    const said = document.querySelector("#till .refusal, #till .told");
    said?.setAttribute("tabindex", "-1");
    (said ?? $("code")).focus();
  }

  function find(text) {
    const code = $("code");
    if (text !== undefined) code.value = text;
    if (!$("counter")) $("find").requestSubmit();
    else if (code.value.trim()) send($("find"), field("find", "find"));
    // A scan that failed leaves nothing of a card in the field.
    if (text !== undefined) code.select();
  }

  // The scanner types faster than anybody, and ends with Enter

  const GAP = 50;
  const SHORTEST = 8;
  let burst = null;

  function listen(event) {
    const { key, target, timeStamp } = event;
    if (key.length > 1 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!burst || burst.target !== target || timeStamp - burst.last > GAP) {
      burst = { target, before: target.value, text: "" };
    }
    burst.text += key;
    burst.last = timeStamp;
  }

  function scanned(event) {
    const isScan = burst?.target === event.target && burst.text.length >= SHORTEST
      && event.timeStamp - burst.last <= GAP;
    const { before, text } = burst ?? {};
    burst = null;
    if (!isScan) return false;
    event.target.value = before;
    show();
    find(text);
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    const { target } = event;
    const code = $("code");
    if (!code || event.defaultPrevented) return;
    if (!target.matches("input, textarea, select")) {
      const isText = event.key.length === 1 && event.key !== " "
        && !event.ctrlKey && !event.metaKey && !event.altKey;
      if (isText) code.focus(); // The key itself lands there.
      return;
    }
    if (target === code) return;
    if (event.key !== "Enter") {
      listen(event);
    } else if (scanned(event) || target.matches("#till input:not([type=checkbox])")) {
      event.preventDefault();
    }
  });

  // What the person does

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!$("counter")?.contains(form)) return;
    event.preventDefault();
    const button = event.submitter;
    if (button?.name === "less" || button?.name === "more") {
      step(button, button.name === "more" ? 1 : -1);
    } else if (form.id === "find") {
      find();
    } else {
      send(form, button);
    }
  });

  document.addEventListener("input", (event) => {
    if (event.target.matches(".num [type=number]")) show();
  });

  document.addEventListener("change", (event) => {
    // Another day may have had other prices.
    if (event.target.id === "happened-on") send($("till"), field("till", "sum")[0]);
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) print();
  });

  addEventListener("pageshow", (event) => {
    if (event.persisted) isBusy = false;
    show();
  });
})();
