// Edits a question in place, to send it again in other words.

import { copyOf } from "./turn.js";

// Calls `onSubmit` with the new text; Escape restores the question.
export function edit(turn, onSubmit) {
  const form = copyOf("editing");
  const area = form.querySelector("textarea");
  const text = turn.find(".question .text");
  const button = turn.find(".edit");
  const close = () => {
    form.replaceWith(text);
    button.hidden = false;
  };
  area.value = turn.data.text;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!area.value.trim()) return;
    close();
    onSubmit(area.value.trim());
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
