// Filters the list of tasks by the search words.

const field = document.getElementById("find");
const note = field.parentElement.querySelector(".note");

field.addEventListener("input", () => {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = [...document.querySelectorAll(".tasks > li")];
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
  }
  for (const group of document.querySelectorAll(".group-of-tasks")) {
    group.hidden = !group.querySelector(".tasks > li:not([hidden])");
  }
  note.textContent = rows.every((row) => row.hidden) ? note.dataset.none : "";
});
