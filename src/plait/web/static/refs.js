// Highlights the targets of an answer's references: all when the answer arrives, one while its link is hovered.

const panel = document.getElementById("answer");

document.addEventListener("plait:answer", highlightAll);
for (const [event, strong] of [["pointerover", true], ["pointerout", false], ["focusin", true], ["focusout", false]]) {
  panel.addEventListener(event, ({ target }) => {
    const link = target.closest?.("[data-ref]");
    if (link) emphasise(link, strong);
  });
}
highlightAll();

function highlightAll() {
  for (const lit of document.querySelectorAll(".lit")) lit.classList.remove("lit", "pale");
  for (const link of panel.querySelectorAll("[data-ref]")) referenceTarget(link)?.classList.add("lit", "pale");
}

function emphasise(link, strong) {
  referenceTarget(link)?.classList.toggle("pale", !strong);
}

// The row around a target, if it is an item of a list.
function referenceTarget(link) {
  const element = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  return element?.closest(".row") ?? element;
}
