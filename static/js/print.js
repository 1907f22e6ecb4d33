// Opens the browser's own print window; Ctrl+P does the same without scripts.
for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
