// The review desk by keyboard and without waiting. Every act is a form that
// also works by itself; this only sends it in the background and paints first.
(() => {
  "use strict";
  const desk = document.getElementById("review");
  const pattern = document.getElementById("rv-done");
  if (!desk || !pattern) return;
  const keys = desk.querySelector(".rv-keys");
  const acts = []; // Stops painted as decided, the newest last.
  const loading = new Map(); // Batches whose inside is on its way.
  let current = null;
  let line = Promise.resolve(); // One request after the other, as they were asked.
  let isOn = remembered() !== "off";

  const stops = () =>
    [...desk.querySelectorAll("[data-stop]")].filter((stop) => stop.offsetParent);
  const isWaiting = (stop) =>
    !stop.matches(".is-done, .is-locked") && !stop.closest(".rv-batch.is-done");
  const stopOf = (element) => element.closest("[data-stop]");
  const inside = (stop, selector) =>
    [...stop.querySelectorAll(selector)].find((found) => found.offsetParent);

  function remembered() {
    try {
      return localStorage.getItem("review-keys");
    } catch {
      return null; // Storage can be forbidden; the keys then start switched on.
    }
  }

  // Where one is

  function go(stop) {
    if (!stop) return;
    current = stop;
    stop.focus();
  }

  function here() {
    const focused = stopOf(document.activeElement);
    if (focused && desk.contains(focused)) current = focused;
    if (current && !current.offsetParent) current = current.closest(".rv-batch");
    return current || stops().find(isWaiting);
  }

  function move(by) {
    const all = stops();
    const place = all.indexOf(current && here());
    go(all[place < 0 ? 0 : Math.min(all.length - 1, Math.max(0, place + by))]);
  }

  function advance(from) {
    const all = stops();
    const place = all.indexOf(from);
    const next =
      all.slice(place + 1).find(isWaiting) || all.slice(0, place).find(isWaiting);
    if (!next) return void line.then(finish);
    if ("flagged" in next.dataset && !next.matches(".is-open")) open(next);
    go(next);
  }

  function comeBack(stop) {
    const batch = stop.closest(".rv-batch");
    if (stop !== batch || "flagged" in batch.dataset) open(batch);
    go(stop);
  }

  function finish() {
    if (!stops().some(isWaiting)) location.assign(desk.dataset.address);
  }

  // Opening

  async function open(batch) {
    const link = batch.querySelector("[data-toggle]");
    if (!link) return;
    desk.querySelectorAll(".is-open").forEach((other) => {
      if (other !== batch) other.classList.remove("is-open");
    });
    batch.classList.add("is-open");
    if (batch.querySelector(".rv-inside")) return;
    // Whoever presses a key meanwhile waits for the same answer.
    if (!loading.has(batch)) loading.set(batch, load(batch, link.dataset.part));
    await loading.get(batch);
    loading.delete(batch);
  }

  async function load(batch, address) {
    try {
      const answer = await fetch(address, { redirect: "error" });
      if (!answer.ok) throw new Error(answer.status);
      batch.insertAdjacentHTML("beforeend", await answer.text());
    } catch {
      batch.classList.remove("is-open");
      refuse(batch, desk.dataset.offline);
    }
  }

  function toggle(batch) {
    if (!batch.matches(".is-open")) return open(batch);
    batch.classList.remove("is-open");
  }

  // Sending

  function targetsOf(form) {
    if (form.dataset.act !== "ticked") return [stopOf(form)];
    return [...form.parentElement.querySelectorAll("input[name=deed]:checked")].map(
      stopOf,
    );
  }

  function send(form) {
    const targets = targetsOf(form);
    if (!targets.length) return;
    const isUndo = form.dataset.act === "undo";
    const body = new URLSearchParams(new FormData(form));
    const act = { form, targets };
    if (isUndo) {
      const index = acts.findIndex((past) => past.targets.includes(targets[0]));
      if (index < 0) return;
      act.targets = acts.splice(index, 1)[0].targets;
      act.targets.forEach(unpaint);
    } else {
      targets.forEach((target) => paint(target, form));
      acts.push(act);
    }
    line = line.then(() => post(act, body, isUndo));
    if (isUndo) comeBack(targets[0]);
    else advance(targets[targets.length - 1]);
  }

  async function post(act, body, isUndo) {
    let told;
    try {
      const answer = await fetch(act.form.getAttribute("action"), {
        method: "POST",
        body,
        headers: { Accept: "application/json" },
        redirect: "error",
      });
      told = await answer.json();
    } catch {
      told = { done: [], refused: [], sentence: desk.dataset.offline };
    }
    if (isUndo) {
      if (!told.done.length) refuse(act.targets[0], told.sentence);
    } else {
      settle(act, told);
    }
    if ("pending" in told) desk.dispatchEvent(new CustomEvent("counted", { detail: told }));
  }

  function settle(act, told) {
    const refused = new Map(told.refused.map((one) => [String(one.deed), one.sentence]));
    const kept = [];
    act.targets.forEach((target) => {
      const sentence = target.dataset.deed
        ? refused.get(target.dataset.deed)
        : told.refused.map((one) => one.sentence)[0];
      if (sentence || !told.done.length) {
        if (!told.done.length || target.dataset.deed) unpaint(target);
        refuse(target, sentence || told.sentence);
      }
      if (target.matches(".is-done")) kept.push(target);
    });
    const place = acts.indexOf(act);
    if (kept.length) act.targets = kept;
    else if (place >= 0) acts.splice(place, 1);
    kept.forEach((target) => allowUndo(target, act, told));
  }

  function allowUndo(target, act, told) {
    const form = target.querySelector(".rv-done form");
    if (!form) return;
    if (told.action) {
      form.elements.action.value = told.action;
    } else {
      // Put aside: taking it back is the same form, the other way round.
      form.action = act.form.getAttribute("action");
      for (const [name, value] of new FormData(act.form)) {
        if (name === "deeds") addField(form, name, value);
      }
      addField(form, "back", act.form.elements.back ? "" : "1");
    }
    form.querySelector("button").disabled = false;
    const clock = new Date().toTimeString().slice(0, 5);
    target.querySelector(".rv-done [data-text]").append(` ${clock}`);
  }

  function addField(form, name, value) {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name, value });
    form.append(field);
  }

  // Painting

  function paint(target, form) {
    target.querySelectorAll(":scope > .rv-refusal").forEach((old) => old.remove());
    const done = pattern.content.cloneNode(true);
    done.querySelector("[data-text]").textContent = form.dataset.said;
    (target.querySelector(":scope > .rv-line") || target).append(done);
    target.classList.add("is-done");
    target.classList.toggle("is-aside", form.dataset.act === "later");
    target.querySelectorAll("input[name=deed]").forEach((box) => (box.checked = false));
  }

  function unpaint(target) {
    target.querySelectorAll(".rv-done").forEach((done) => {
      if (stopOf(done) === target) done.remove();
    });
    target.classList.remove("is-done", "is-aside");
  }

  function refuse(target, sentence) {
    const note = document.createElement("p");
    note.className = "rv-refusal";
    note.setAttribute("role", "alert");
    note.textContent = sentence;
    target.prepend(note);
    go(target);
  }

  // Keys

  function approve(stop) {
    const batch = stop.closest(".rv-batch");
    const ticked = inside(batch, "form[data-act=ticked]");
    if (ticked && batch.querySelector("input[name=deed]:checked")) {
      return ticked.requestSubmit();
    }
    const isUnseen = "flagged" in batch.dataset && !batch.querySelector(".rv-inside");
    if (stop === batch && (isUnseen || (batch.matches("[data-flagged]:not(.is-open)")))) {
      return open(batch);
    }
    const selector = "form[data-act=approve], form[data-act=whole]";
    const isList = stop === batch && !("single" in batch.dataset);
    const form = inside(stop, isList ? "form[data-act=whole]" : selector);
    if (form && !(isList && batch.querySelector(".rv-row.is-done"))) form.requestSubmit();
    else if (isList) move(1);
  }

  async function unfold(stop, key) {
    const batch = stop.closest(".rv-batch");
    await open(batch);
    if (stop === batch && !("single" in batch.dataset)) return;
    const details = stop.querySelector(`details[data-key=${key}]`);
    if (!details) return;
    details.open = true;
    details.querySelector("input:not([type=hidden])").focus();
  }

  async function later(stop) {
    const batch = stop.closest(".rv-batch");
    await open(batch);
    const form = inside(stop, "form[data-act=later]");
    if (form && (stop !== batch || "single" in batch.dataset)) form.requestSubmit();
  }

  function undo() {
    // The newest act may still be on its way: it is undone once it is known.
    line = line.then(() => {
      const last = acts[acts.length - 1];
      const form = last
        ? last.targets[0].querySelector(".rv-done form")
        : desk.querySelector(".rv-actions form");
      if (form && last) send(form);
      else if (form) form.requestSubmit();
    });
  }

  function tick(stop) {
    const boxes = [...stop.querySelectorAll("input[name=deed]")].filter(
      (box) => box.offsetParent && !box.closest(".is-done"),
    );
    const isAll = boxes.every((box) => box.checked);
    boxes.forEach((box) => (box.checked = !isAll));
  }

  const commands = {
    arrowdown: () => move(1),
    arrowup: () => move(-1),
    a: approve,
    e: (stop) => unfold(stop, "e"),
    r: (stop) => unfold(stop, "r"),
    l: later,
    u: undo,
    " ": tick,
    "?": () => {
      const help = keys.querySelector(".rv-help");
      help.hidden = !help.hidden;
    },
  };

  document.addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (event.isComposing || event.keyCode === 229) return;
    if (key === "Escape" && target.closest(".rv-decide details")) {
      target.closest("details").open = false;
      return go(stopOf(target));
    }
    if (!isOn || event.ctrlKey || event.altKey || event.metaKey) return;
    if (target.closest("input, textarea, select, [contenteditable]")) return;
    const isControl = target.closest("a, button, summary");
    if (isControl && (key === " " || key === "Enter")) return;
    if (key === "Enter" && target.matches(".rv-batch")) return toggle(target);
    const command = commands[key.toLowerCase()];
    if (!command) return;
    event.preventDefault();
    if (event.repeat && !key.startsWith("Arrow")) return;
    const stop = here();
    const isForStop = !["u", "?"].includes(key.toLowerCase());
    if (stop || !isForStop) command(stop);
  });

  desk.addEventListener("submit", (event) => {
    if (!event.target.dataset.act) return;
    event.preventDefault();
    send(event.target);
  });

  desk.addEventListener("click", (event) => {
    const link = event.target.closest("[data-toggle]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    toggle(link.closest(".rv-batch"));
  });

  function switchKeys(on) {
    isOn = on;
    desk.classList.toggle("keys-on", on);
    const button = keys.querySelector(".rv-switch");
    button.textContent = on ? button.dataset.off : button.dataset.on;
  }

  keys.querySelector(".rv-switch").addEventListener("click", () => {
    switchKeys(!isOn);
    try {
      localStorage.setItem("review-keys", isOn ? "on" : "off");
    } catch {
      // Not remembered then, but switched for this page.
    }
  });
  keys.hidden = false;
  switchKeys(isOn);
})();
