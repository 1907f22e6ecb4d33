// The numbers in the head of the review desk: how many deeds and batches wait,
// how many each tab shows, how many are put aside. Told of every answer.
(() => {
  "use strict";
  const desk = document.getElementById("review");
  if (!desk) return;
  const place = (name) => desk.querySelector(`[data-count=${name}]`);
  const tabs = [...desk.querySelectorAll("[data-tab]")];
  const batches = [...desk.querySelectorAll(".rv-batch")];
  const numberIn = (element) => Number(element.textContent);
  const atFirst = new Map([place("batches"), ...tabs].map((one) => [one, numberIn(one)]));

  // A batch may be decided as a whole or row by row.
  const doneIn = (batch) =>
    batch.matches(".is-done")
      ? Number(batch.dataset.deeds)
      : batch.querySelectorAll(".rv-row.is-done").length;
  const asideIn = (batch) =>
    batch.matches(".is-aside")
      ? Number(batch.dataset.deeds)
      : batch.querySelectorAll(".rv-row.is-aside").length;
  const isDecided = (batch) =>
    doneIn(batch) - asideIn(batch) === Number(batch.dataset.deeds);
  const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

  desk.addEventListener("counted", ({ detail }) => {
    for (const name of ["pending", "reviewed", "later"]) {
      place(name).textContent = detail[name];
    }
    const decided = batches.filter(isDecided).length;
    place("batches").textContent = atFirst.get(place("batches")) - decided;
    for (const tab of tabs) {
      const shown = batches.filter((batch) => batch.matches(tab.dataset.tab));
      tab.textContent = atFirst.get(tab) - sum(shown.map(doneIn));
    }
    desk.querySelector("[data-later]").hidden = !detail.later;
    const bar = desk.querySelector("[data-bar-later]");
    bar.setAttribute("x", detail.reviewed);
    bar.setAttribute("width", detail.later);
    desk.querySelector("[data-bar]").setAttribute("width", detail.reviewed);
  });
})();
