// Submits the form without leaving the page, and displays the answer while it streams.

import { events } from "./events.js";

const form = document.getElementById("ask");
const panel = document.getElementById("answer");
const status = document.getElementById("status");
const run = form.querySelector(".run");
const stop = form.querySelector(".stop");
const progress = document.querySelector(".progress");
const elapsed = progress.querySelector(".elapsed");
let controller = null;

form.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.submitter?.name) return;
  event.preventDefault();
  ask();
});
stop.addEventListener("click", () => controller?.abort());

async function ask() {
  controller?.abort();
  const own = (controller = new AbortController());
  begin();
  const clock = startClock();
  try {
    const response = await fetch(form.action, {
      method: "POST",
      headers: { accept: "text/event-stream" },
      body: form.enctype === "multipart/form-data" ? new FormData(form) : new URLSearchParams(new FormData(form)),
      signal: own.signal,
    });
    const complete = await displayResponse(response);
    if (!complete && controller === own) showTemplate("lost");
  } catch (fault) {
    if (controller !== own) return;
    if (own.signal.aborted) showStopped();
    else showTemplate("lost");
  } finally {
    clearInterval(clock);
    if (controller === own) end();
  }
}

// Displays a response. Returns whether it was complete.
async function displayResponse(response) {
  if (!response.headers.get("content-type")?.startsWith("text/event-stream")) return false;
  let complete = false;
  for await (const event of events(response)) {
    const name = event.name;
    const data = JSON.parse(event.data);
    if (name === "piece") grow(data.text);
    if (name === "show" || name === "done" || name === "error") panel.innerHTML = data.html;
    if (name === "error") placeProblems();
    if (name === "done") status.textContent = status.dataset.done;
    if (name === "done" || name === "error") complete = true;
    if (name !== "piece") document.dispatchEvent(new CustomEvent("plait:answer", { detail: name }));
  }
  return complete;
}

function grow(piece) {
  if (!panel.querySelector(".growing > .text")) showTemplate("growing-text");
  panel.querySelector(".growing > .text").append(piece);
}

function showTemplate(template) {
  panel.replaceChildren(document.getElementById(template).content.cloneNode(true));
}

function begin() {
  clearProblems();
  panel.setAttribute("aria-busy", "true");
  run.hidden = true;
  stop.hidden = progress.hidden = false;
  if (document.activeElement === run) stop.focus();
  status.textContent = status.dataset.working;
  // On a narrow page the answer is below the form: scroll to it.
  if (panel.getBoundingClientRect().top > innerHeight) progress.scrollIntoView({ block: "center" });
}

function end() {
  controller = null;
  panel.removeAttribute("aria-busy");
  panel.querySelector(".growing")?.classList.remove("growing");
  const focused = document.activeElement === stop;
  run.hidden = false;
  stop.hidden = progress.hidden = true;
  if (focused) run.focus();
}

function showStopped() {
  panel.append(document.getElementById("stopped").content.cloneNode(true));
  status.textContent = status.dataset.stopped;
}

function startClock() {
  const started = performance.now();
  const update = () => (elapsed.textContent = `${((performance.now() - started) / 1000).toFixed(1)} s`);
  update();
  return setInterval(update, 100);
}

// Displays each problem at its field, or at the nearest field around it.
function placeProblems() {
  const problems = [...panel.querySelectorAll("[data-at]")];
  for (const { dataset, textContent } of problems) {
    const field = nearest(dataset.at);
    const place = field?.querySelector(":scope > .problem");
    if (!place) continue;
    field.closest("details:not([open])")?.setAttribute("open", "");
    place.textContent = [place.textContent, textContent].filter(Boolean).join("; ");
    field.querySelector(":scope > :is(input, select, textarea):not([type=hidden])")?.setAttribute("aria-invalid", "true");
  }
  const first = form.querySelector("[aria-invalid=true]") ?? form.querySelector(".problem:not(:empty)");
  if (problems.length) first?.focus?.();
}

function nearest(name) {
  for (let at = name; at; at = at.slice(0, Math.max(at.lastIndexOf("."), 0))) {
    const field = form.querySelector(`[data-field="${CSS.escape(at)}"]`);
    if (field) return field;
  }
  return null;
}

function clearProblems() {
  for (const place of form.querySelectorAll(".problem")) place.textContent = "";
  for (const control of form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
}
