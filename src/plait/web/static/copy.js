// Copies a code block. Without this file the buttons stay hidden.

document.addEventListener("plait:answer", offer);
offer();

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-copy]");
  if (!button) return;
  const code = document.getElementById(button.dataset.copy) ?? button.parentElement.querySelector("code");
  copy(button, code.textContent, code);
});

// Copies the text and confirms it on the button; `container` is the element that contains the text.
export async function copy(button, text, container) {
  try {
    await navigator.clipboard.writeText(text);
    const before = button.textContent;
    button.textContent = button.dataset.copied;
    setTimeout(() => (button.textContent = before), 1500);
  } catch {
    // Browsers allow clipboard access only on localhost and over https; otherwise the text is selected.
    getSelection().selectAllChildren(container);
  }
}

function offer() {
  for (const button of document.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
}
