// Adds and removes list rows without a request. Without JavaScript the same buttons submit the form.

document.addEventListener("submit", (event) => {
  const { name, value } = event.submitter ?? {};
  if (name !== "_add" && name !== "_drop") return;
  event.preventDefault();
  if (name === "_add") add(value, event.submitter);
  else drop(event.target, value);
});

function add(list, button) {
  const template = button.parentElement.querySelector(":scope > template[data-row-of]");
  const rows = button.parentElement.querySelector(":scope > .rows");
  const numbers = [...rows.children].map((row) => Number(row.dataset.row.slice(list.length + 1)));
  const number = Math.max(-1, ...numbers) + 1;
  const copy = document.createElement("template");
  // The HTML of a template includes nested templates, so that lists in lists get their numbers too.
  copy.innerHTML = template.innerHTML
    .replaceAll(`#${template.dataset.mark}`, String(number + 1))
    .replaceAll(template.dataset.mark, String(number));
  rows.append(copy.content);
  rows.lastElementChild.querySelector("input:not([type=hidden]), select, textarea")?.focus();
}

function drop(form, name) {
  const row = form.querySelector(`[data-row="${CSS.escape(name)}"]`);
  const next = row.nextElementSibling ?? row.previousElementSibling;
  const add = row.parentElement.parentElement.querySelector(":scope > .add");
  row.remove();
  (next?.querySelector(".drop") ?? add)?.focus();
}
