// 记一笔 made quick: what is typed turns into chips at once, items are filtered,
// keys do it all, and a draft stays on this device until it is saved. The
// server decides what words mean; without this file the same buttons post.
"use strict";
document.documentElement.classList.add("js");

addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("entry");
  if (!form) return;
  const KEPT = ["chosen", "households", "item", "day", "other_day", "points", "note",
    "channel", "heard_on", "second_recorder", "key"];
  // `form.elements.item` is a method of every form.
  const field = (name) => form.elements.namedItem(name);
  const $ = (id) => document.getElementById(id);
  const box = form.elements.households;
  const radio = () => form.querySelector("[name=item]:checked");
  const numbers = () => form.elements.chosen.value.split(",").filter(Boolean);

  // The draft

  function readDraft() {
    try {
      return JSON.parse(localStorage.getItem(form.dataset.draft));
    } catch {
      return null;
    }
  }

  function written() {
    const draft = {};
    for (const name of KEPT) draft[name] = field(name)?.value ?? "";
    return draft;
  }

  // What the server filled in is no draft until somebody changes it.
  const filledIn = JSON.stringify({ ...written(), key: "" });

  function keepDraft() {
    const draft = written();
    const isEmpty = !draft.chosen && !draft.households && !draft.note;
    const isUntouched = filledIn === JSON.stringify({ ...draft, key: "" });
    try {
      if (isEmpty || isUntouched) localStorage.removeItem(form.dataset.draft);
      else localStorage.setItem(form.dataset.draft, JSON.stringify(draft));
    } catch {
      // A browser that keeps nothing still records.
    }
  }

  function restoreDraft() {
    const draft = readDraft();
    if (!draft) return false;
    for (const name of KEPT) {
      if (field(name) && draft[name]) field(name).value = draft[name];
    }
    if (draft.day && form.elements.day.value !== draft.day) {
      form.elements.day.value = "other";
      form.elements.other_day.value = draft.day;
    }
    return true;
  }

  // A press that began on a button has to end on it: nothing is replaced meanwhile

  let isPressed = false;
  for (const type of ["keydown", "pointerdown"]) addEventListener(type, () => { isPressed = true; }, true);
  for (const type of ["keyup", "pointerup", "pointercancel"]) addEventListener(type, () => { isPressed = false; }, true);
  addEventListener("blur", () => { isPressed = false; });

  const released = () => new Promise((resolve) => {
    const ask = () => (isPressed ? setTimeout(ask, 20) : resolve());
    ask();
  });

  // One request after another, each from the form as the one before left it

  let queue = Promise.resolve();
  let later = 0;
  const enqueue = (work) => (queue = queue.then(work).catch(noNetwork));

  function noNetwork() {
    $("entry-offline").hidden = false;
    keepDraft();
  }

  async function send(name, value, text = "") {
    const data = new FormData(form);
    data.set("households", text);
    data.set(name, value);
    if (name !== "save") data.delete("photos");
    let answer;
    try {
      answer = await fetch(form.action, { method: "POST", body: data, headers: { "X-Desk": "1" } });
      if (answer.status >= 500) throw new Error(answer.statusText);
    } catch (error) {
      if (text) box.value = [text, box.value].filter(Boolean).join(" ");
      throw error;
    }
    $("entry-offline").hidden = true;
    if (answer.redirected || !answer.ok) {
      if (text) box.value = [text, box.value].filter(Boolean).join(" ");
      $("entry-expired").hidden = false;
      keepDraft();
      return;
    }
    if (answer.headers.get("Content-Type").includes("json")) {
      localStorage.removeItem(form.dataset.draft);
      location.assign((await answer.json()).next);
      return new Promise(() => {});
    }
    const html = await answer.text();
    await released();
    take(html, text);
  }

  function take(html, text) {
    const answer = new DOMParser().parseFromString(html, "text/html");
    const focused = document.activeElement;
    const held = focused?.name && focused.value ? `[name="${focused.name}"][value="${focused.value}"]` : "";
    const scrolled = form.querySelector(".chips")?.scrollTop ?? 0;
    const inside = focused?.closest?.("[data-live]");
    for (const part of form.querySelectorAll("[data-live]")) {
      const other = answer.getElementById(part.id);
      if (other) part.replaceWith(document.adoptNode(other));
    }
    const chips = form.querySelector(".chips");
    if (chips) chips.scrollTop = scrolled;
    if (inside) ((held && form.querySelector(held)) || box).focus();
    const unread = answer.getElementById("households").value;
    if (text && unread && !box.value) box.value = unread;
    const named = $("entry-named").value;
    if (named) choose($(`item-${named}`));
    show();
  }

  function look() {
    clearTimeout(later);
    later = setTimeout(() => numbers().length && enqueue(() => send("look", "1", "")), 250);
  }

  // Households

  function add() {
    const text = box.value.trim();
    if (!text) return;
    box.value = "";
    enqueue(() => send("add", "1", text));
  }

  function drop(button) {
    const number = button.value;
    enqueue(() => {
      const chip = form.querySelector(`.chip[value="${number}"]`);
      const row = chip?.closest("li");
      const next = row?.nextElementSibling ?? row?.previousElementSibling;
      const isFocused = document.activeElement === chip;
      form.elements.chosen.value = numbers().filter((other) => other !== number).join(",");
      row?.remove();
      if (isFocused) (next ? next.firstElementChild : box).focus();
      show();
      look();
    });
  }

  // Items

  function choose(tile) {
    if (!tile) return;
    tile.checked = true;
    bringOut(tile);
    chosenItem();
  }

  function bringOut(tile) {
    const row = tile.closest("li");
    find("");
    if (!row.offsetHeight) form.elements.shelf.value = row.classList[0];
  }

  function chosenItem() {
    const tile = radio();
    if (tile) form.elements.points.value = tile.dataset.low;
    show();
    look();
  }

  function find(typed) {
    const words = typed.normalize("NFKC").trim().toLowerCase();
    const tiles = [...form.querySelectorAll("[name=item]")];
    form.querySelector(".tiles").classList.toggle("finding", words !== "");
    form.elements.find.value = typed;
    const plain = (code) => code.toLowerCase().replace(/^(\D+)0+/, "$1");
    const named = tiles.filter((tile) => tile.dataset.codes.split(" ").some((code) => plain(code) === plain(words)));
    const hits = named.length ? named : tiles.filter((tile) => tile.dataset.words.includes(words));
    for (const tile of tiles) tile.closest("li").classList.toggle("hit", hits.includes(tile));
    return hits;
  }

  // What the page shows of all this

  function show() {
    const tile = radio();
    const low = Number(tile?.dataset.low ?? 0);
    const high = Number(tile?.dataset.high ?? 0);
    const points = form.elements.points;
    form.querySelector(".entry-how").classList.toggle("fixed", low === high);
    form.classList.toggle("deducting", Boolean(tile?.closest("li").classList.contains("deduction")));
    points.min = low || 1;
    points.max = high || "";
    const doubtful = form.querySelector("[name=choice]:checked")?.value === "again" ? 0 : Number($("entry-who").dataset.doubtful);
    const count = Math.max(0, numbers().length - doubtful);
    const each = Number(points.value) || low;
    const [households, magnitude] = $("entry-sum").querySelectorAll("b");
    households.textContent = count;
    const sign = form.classList.contains("deducting") ? "−" : "";
    magnitude.textContent = sign + each;
    $("entry-sum").querySelector("em").textContent = sign + count * each;
    const counted = form.querySelector(".count");
    counted.textContent = counted.textContent.replace(/\d+/, numbers().length);
    const photos = form.elements.photos.files.length;
    $("photos-count").textContent = photos ? ` ${photos}` : "";
    keepDraft();
  }

  function save() {
    if (box.value.trim()) add();
    clearTimeout(later);
    const button = form.querySelector("[name=save]");
    button.setAttribute("aria-busy", "true");
    enqueue(() => send("save", "1", box.value))
      .then(() => {
        button.removeAttribute("aria-busy");
        $("entry-said").querySelector("a")?.focus();
        $("entry-said").scrollIntoView({ block: "nearest" });
      });
  }

  // What the person does

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = event.submitter;
    if (!button?.name || button.name === "save") save();
    else if (button.name === "add") add();
    else if (button.name === "drop") drop(button);
    else {
      const isAnswer = button.name === "pick" || button.name === "clear";
      const text = isAnswer ? "" : box.value.trim();
      box.value = "";
      enqueue(() => send(button.name, button.value, text));
    }
  });

  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      save();
    } else if (event.target === form.elements.find) {
      event.preventDefault();
      const hits = find(event.target.value);
      if (event.target.value.trim() && hits.length) {
        choose(hits[0]);
        box.focus();
      }
    } else if (event.target === box) {
      event.preventDefault();
      add();
    } else if (event.target.matches("input:not([type=file])")) {
      event.preventDefault();
    }
  });

  form.addEventListener("input", (event) => {
    if (event.target === form.elements.find) find(event.target.value);
    else show();
  });

  form.addEventListener("change", (event) => {
    const { name } = event.target;
    if (name === "item") chosenItem();
    if (name === "shelf") find("");
    if (["day", "other_day", "points"].includes(name)) look();
  });

  form.addEventListener("click", (event) => {
    const step = Number(event.target.closest("[data-step]")?.dataset.step ?? 0);
    if (!step) return;
    const points = form.elements.points;
    const wanted = (Number(points.value) || 0) + step;
    points.value = Math.min(Number(points.max) || wanted, Math.max(Number(points.min), wanted));
    show();
    look();
  });

  // On a phone the focus would bring up the keys before anything is read.
  if (matchMedia("(min-width: 60em)").matches) box.focus();
  const isDraft = restoreDraft();
  if (radio() && !form.elements.points.value) form.elements.points.value = radio().dataset.low;
  show();
  if (isDraft) {
    if (radio()) bringOut(radio());
    enqueue(() => send("look", "1", ""));
  }
});
