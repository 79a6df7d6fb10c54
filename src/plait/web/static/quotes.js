// Shows where a quoted value stands when it is pointed at, and which value quotes the words when these are.

const pairs = [["pointerover", true], ["pointerout", false], ["focusin", true], ["focusout", false]];
for (const [event, strong] of pairs) {
  document.addEventListener(event, ({ target }) => {
    const value = target.closest?.("[data-quoted]");
    const mark = target.closest?.("[data-marks]");
    if (value) show(marksOf(value), strong, true);
    if (mark) show(valuesOf(mark), strong, false);
  });
}

function marksOf(value) {
  return document.querySelectorAll(`[data-marks~="${CSS.escape(value.dataset.quoted)}"]`);
}

function valuesOf(mark) {
  return mark.dataset.marks.split(" ").flatMap((id) => [...document.querySelectorAll(`[data-quoted="${CSS.escape(id)}"]`)]);
}

function show(elements, strong, scroll) {
  for (const element of elements) element.classList.toggle("pointed", strong);
  if (strong && scroll && elements.length) within(elements[0]);
}

// Scrolls the text of the input, never the page.
function within(mark) {
  const text = mark.closest(".source");
  const [line, box] = [mark.getBoundingClientRect(), text.getBoundingClientRect()];
  if (line.top < box.top || line.bottom > box.bottom) text.scrollTop += line.top - box.top - box.height / 3;
}
