// Copies a piece of code. The buttons are hidden until this file is there to serve them.

document.addEventListener("plait:answer", offer);
offer();

document.addEventListener("click", async ({ target }) => {
  const button = target.closest?.("[data-copy]");
  if (!button) return;
  const code = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(code.textContent);
    const before = button.textContent;
    button.textContent = button.dataset.copied;
    setTimeout(() => (button.textContent = before), 1500);
  } catch {
    // Only a page of this machine, or one over https, may write to the clipboard: elsewhere the text is marked.
    getSelection().selectAllChildren(code);
  }
});

function offer() {
  for (const button of document.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
}
