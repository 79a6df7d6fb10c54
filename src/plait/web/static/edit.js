// Edits a question in place, to send it again in other words.

import { copyOf } from "./turn.js";

// Calls `asked` with the new text; Escape restores the question.
export function edit(turn, asked) {
  const form = copyOf("editing");
  const area = form.querySelector("textarea");
  const text = turn.find(".said .text");
  const button = turn.find(".edit");
  const close = () => {
    form.replaceWith(text);
    button.hidden = false;
  };
  area.value = turn.told.text;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!area.value.trim()) return;
    close();
    asked(area.value.trim());
  });
  form.querySelector(".cancel").addEventListener("click", () => {
    close();
    button.focus();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") form.querySelector(".cancel").click();
  });
  text.replaceWith(form);
  button.hidden = true;
  area.focus();
}
