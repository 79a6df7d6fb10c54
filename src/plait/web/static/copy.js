// Copies a piece of code. The buttons are hidden until this file is there to serve them.

document.addEventListener("plait:answer", offer);
offer();

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-copy]");
  if (!button) return;
  const code = document.getElementById(button.dataset.copy) ?? button.parentElement.querySelector("code");
  copy(button, code.textContent, code);
});

// Copies the text and says so on the button; `shown` is where the text stands in the page.
export async function copy(button, text, shown) {
  try {
    await navigator.clipboard.writeText(text);
    const before = button.textContent;
    button.textContent = button.dataset.copied;
    setTimeout(() => (button.textContent = before), 1500);
  } catch {
    // Only a page of this machine, or one over https, may write to the clipboard: elsewhere the text is marked.
    getSelection().selectAllChildren(shown);
  }
}

function offer() {
  for (const button of document.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
}
