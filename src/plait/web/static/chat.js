// The chat page: sends the message, streams the answer in place, and stores both in this tab.

import { completion, Refused } from "./completions.js";
import { keep, kept, messages } from "./conversation.js";
import { copy } from "./copy.js";
import { edit } from "./edit.js";
import { Tray } from "./tray.js";
import { Turn } from "./turn.js";

const page = document.getElementById("chat");
const words = JSON.parse(page.dataset.words);
const list = document.getElementById("turns");
const composer = document.getElementById("composer");
const field = document.getElementById("message");
const system = document.getElementById("system");
const model = document.getElementById("model");
const status = document.getElementById("status");
const send = composer.querySelector(".send");
const stop = composer.querySelector(".stop");
const conversation = kept();
const tray = new Tray(composer, words, ready);
let turns = [];
let asking = null;

begin();

function begin() {
  page.hidden = false;
  const names = [...model.options].map((option) => option.value);
  if (names.includes(conversation.model)) model.value = conversation.model;
  system.value = conversation.system;
  field.value = conversation.draft;
  // An answer that was streaming when the page was left is treated as stopped.
  for (const told of conversation.turns) if (told.answer && !told.answer.end) told.answer.end = "stopped";
  for (const told of conversation.turns) add(told);
  seeing();
  settle();
  scrollTo(0, document.documentElement.scrollHeight);
  field.focus({ preventScroll: true });
}

// ── sending ──

async function ask() {
  const turn = turns.at(-1);
  const mine = (asking = new AbortController());
  const answer = (turn.told.answer = { text: "", model: "", seconds: 0, tokens: 0, end: "", error: null });
  const started = performance.now();
  settle();
  follow(true);
  status.textContent = words.working;
  try {
    const request = { model: model.value, messages: messages(conversation) };
    for await (const piece of completion(request, mine.signal)) grow(turn, answer, piece);
    answer.end ||= "done";
  } catch (fault) {
    answer.end = mine.signal.aborted ? "stopped" : "failed";
    if (answer.end === "failed") answer.error = fault instanceof Refused ? { ...fault, message: fault.message } : { lost: true };
  }
  answer.seconds = (performance.now() - started) / 1000;
  if (asking === mine) asking = null;
  turn.answer();
  settle();
  follow();
  tell(turn, answer);
}

let frame = 0;

function grow(turn, answer, { text, end, model: name, tokens }) {
  answer.text += text;
  answer.model = name || answer.model;
  answer.tokens = tokens || answer.tokens;
  if (end === "length") answer.end = "cut";
  frame ||= requestAnimationFrame(() => {
    frame = 0;
    const below = atEnd();
    turn.answer();
    if (below) follow(true);
  });
}

// Screen readers announce the answer once, when it is complete.
function tell(turn, answer) {
  const heard = { done: answer.text, cut: answer.text, stopped: words.stopped_here };
  status.textContent = heard[answer.end] ?? "";
}

function said(text, pictures) {
  list.querySelector(".editing .cancel")?.click();
  conversation.turns.push({ text, pictures, answer: null });
  add(conversation.turns.at(-1));
  ask();
}

// ── the page ──

function add(told) {
  turns.push(new Turn(told, words));
  list.append(turns.at(-1).element);
}

// Updates the page to the current state, and stores the conversation.
function settle() {
  page.dataset.begun = turns.length > 0;
  for (const turn of turns) turn.last(turn === turns.at(-1), !asking);
  send.hidden = Boolean(asking);
  stop.hidden = !asking;
  ready();
}

function ready() {
  send.disabled = !field.value.trim();
  field.rows = Math.min(field.value.split("\n").length, 8); // for browsers without automatic field sizing
  Object.assign(conversation, { model: model.value, system: system.value, draft: field.value });
  page.querySelector(".full").hidden = keep(conversation);
}

function seeing() {
  const chosen = model.selectedOptions[0];
  tray.allow("sees" in chosen.dataset, words.no_pictures.replace("{model}", chosen.value));
  for (const place of page.querySelectorAll(".chosen-model")) place.textContent = chosen.value;
}

const atEnd = () => innerHeight + scrollY >= document.documentElement.scrollHeight - 80;

function follow(always = false) {
  if (always || atEnd()) scrollTo(0, document.documentElement.scrollHeight);
}

// ── user actions ──

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = field.value.trim();
  if (!text || asking) return;
  const pictures = tray.urls;
  field.value = "";
  tray.put([]);
  said(text, pictures);
  field.focus();
});

field.addEventListener("input", ready);
system.addEventListener("input", ready);
model.addEventListener("change", () => {
  seeing();
  ready();
});
stop.addEventListener("click", () => asking?.abort());
// Leaving the page stops the answer; its text so far is stored.
addEventListener("pagehide", () => {
  asking?.abort();
  ready();
});

for (const starter of page.querySelectorAll(".starter")) {
  starter.addEventListener("click", () => said(starter.textContent.trim(), []));
}

page.querySelector(".new").addEventListener("click", () => {
  asking?.abort();
  conversation.turns.length = turns.length = 0;
  list.replaceChildren();
  tray.put([]);
  settle();
  field.focus();
});

list.addEventListener("click", ({ target }) => {
  const turn = turns.find(({ element }) => element.contains(target));
  if (target.matches(".copy-answer")) copy(target, turn.told.answer.text, turn.prose);
  if (target.matches(".again, .retry") && !asking) again(turn);
  if (target.matches(".edit")) edit(turn, (text) => asking || changed(turn, text));
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && asking) asking.abort();
  // While an input method composes Chinese, Enter selects characters.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  if (!event.target.matches(".sends")) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});

function changed(turn, text) {
  turn.told.text = text;
  turn.ask();
  again(turn);
}

function again(turn) {
  turn.told.answer = null;
  turn.answer();
  ask();
  field.focus({ preventScroll: true });
}
