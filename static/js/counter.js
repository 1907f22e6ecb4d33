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
  // On a busy machine the keys of a scan come apart; a card's address typed to
  // its end is a scan all the same.
  const CARD = /https?:\/\/\S+\/p\/[0-9a-z]{26}\/?$/i;
  // What was typed into one field: the keys, their moments, the values before them.
  let run = null;

  function listen({ key, target, timeStamp, ctrlKey, metaKey, altKey }) {
    if (key === "Shift") return;
    if (key.length > 1 || ctrlKey || metaKey || altKey) {
      run = null;
      return;
    }
    if (run?.target !== target) run = { target, text: "", keys: [] };
    run.text += key;
    run.keys.push({ at: timeStamp, before: target.value });
  }

  function scanStart({ target, timeStamp }) {
    if (run?.target !== target) return -1;
    const { keys, text } = run;
    const card = text.search(CARD);
    if (card >= 0) return card;
    const later = (i) => (i + 1 < keys.length ? keys[i + 1].at : timeStamp);
    let start = keys.length;
    while (start > 0 && later(start - 1) - keys[start - 1].at <= GAP) start -= 1;
    return keys.length - start >= SHORTEST ? start : -1;
  }

  function scanned(event) {
    const start = scanStart(event);
    const text = run?.text.slice(start);
    const before = run?.keys[start]?.before;
    run = null;
    if (start < 0) return false;
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
