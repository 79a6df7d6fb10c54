// Marks and corrects answers without leaving the page, and keeps the earlier answers until it is closed.

import { events } from "./events.js";

const ask = document.getElementById("ask");
const panel = document.getElementById("answer");
const history = document.getElementById("history");
const NEXT = { cancel: "edit", comment: "comment" }; // the button after an action; "undo" after others
let asked = "";

document.addEventListener("submit", (event) => {
  const isRowButton = ["_add", "_drop"].includes(event.submitter?.name); // of rows.js
  if (event.target.matches(".verdict") && !isRowButton) {
    event.preventDefault();
    send(event.target, event.submitter);
  } else if (event.target === ask && !event.submitter?.name) {
    archive();
    asked = firstText();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") event.target.closest?.(".verdict")?.querySelector("[data-escape]")?.click();
});

async function send(form, submitter) {
  const place = form.closest("[data-answer]");
  const action = submitter?.value ?? "save";
  try {
    const response = await fetch(form.action, {
      method: "POST",
      headers: { accept: "text/event-stream" },
      body: new URLSearchParams(new FormData(form, submitter)),
    });
    for await (const { data } of events(response)) place.innerHTML = JSON.parse(data).html;
    document.dispatchEvent(new CustomEvent("plait:answer", { detail: "done" }));
    focusNext(place, action);
  } catch {
    form.append(document.getElementById("lost").content.cloneNode(true));
  }
}

// The control that a person most likely uses next: the comment on a verdict, a faulty field, a field, or a button.
function focusNext(place, action) {
  const form = place.querySelector(".verdict");
  const comment = form?.querySelector(".comment textarea");
  if (comment && (action === "right" || action === "wrong")) return comment.focus();
  const all = form?.querySelectorAll(":is(input:not([type=hidden]), select, textarea)") ?? [];
  const fields = [...all].filter((field) => field !== comment);
  const next = fields.find((field) => field.getAttribute("aria-invalid") === "true") ?? fields[0];
  const button = form?.querySelector(`button:not(.unseen)[value=${NEXT[action] ?? "undo"}]`);
  (next ?? button ?? form?.querySelector("button:not(.unseen)"))?.focus();
}

// Moves the complete answer on the page to the list of earlier ones.
function archive() {
  if (!panel.querySelector(".verdict")) return;
  const entry = history.querySelector("template").content.cloneNode(true);
  const body = entry.querySelector("[data-answer]");
  body.append(...panel.childNodes);
  // The form asks about something else now.
  for (const link of body.querySelectorAll("[data-ref]")) link.removeAttribute("href");
  entry.querySelector("summary").textContent = asked || "…";
  history.querySelector("ol").prepend(entry);
  history.hidden = false;
}

function firstText() {
  for (const [name, value] of new FormData(ask)) {
    const text = typeof value === "string" ? value.trim() : value.name;
    if (text && !name.includes("_")) return text.length > 90 ? `${text.slice(0, 90).trimEnd()}…` : text;
  }
  return "";
}

asked = firstText();
