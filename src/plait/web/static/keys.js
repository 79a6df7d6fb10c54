// Ctrl+Enter or ⌘+Enter submits from anywhere on the page, or saves a correction; Escape stops the answer.

const form = document.getElementById("ask");
const apple = /Mac|iPhone|iPad/.test(navigator.platform);

if (apple) form.querySelector(".keys").textContent = "⌘ Enter";

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
    event.preventDefault();
    const verdict = event.target.closest?.(".verdict");
    if (verdict) verdict.requestSubmit(verdict.querySelector("button"));
    else form.requestSubmit();
  } else if (event.key === "Escape") {
    form.querySelector(".stop:not([hidden])")?.click();
  }
});
