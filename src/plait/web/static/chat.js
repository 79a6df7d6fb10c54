// The chat page: sends the message, streams the answer in place, and stores both in this tab.

import { completion, ServerError } from "./completions.js";
import { loadConversation, messages, saveConversation } from "./conversation.js";
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
const conversation = loadConversation();
const tray = new Tray(composer, words, ready);
let turns = [];
let controller = null;

begin();

function begin() {
  page.hidden = false;
  const names = [...model.options].map((option) => option.value);
  if (names.includes(conversation.model)) model.value = conversation.model;
  system.value = conversation.system;
  field.value = conversation.draft;
  // An answer that was streaming when the page was left is treated as stopped.
  for (const { answer } of conversation.turns) if (answer && !answer.end) answer.end = "stopped";
  for (const data of conversation.turns) add(data);
  showModel();
  update();
  scrollTo(0, document.documentElement.scrollHeight);
  field.focus({ preventScroll: true });
}

// ── sending ──

async function ask() {
  const turn = turns.at(-1);
  const own = (controller = new AbortController());
  const answer = (turn.data.answer = { text: "", model: "", seconds: 0, tokens: 0, end: "", error: null });
  const started = performance.now();
  update();
  follow(true);
  status.textContent = words.working;
  try {
    const request = { model: model.value, messages: messages(conversation) };
    for await (const piece of completion(request, own.signal)) grow(turn, answer, piece);
    answer.end ||= "done";
  } catch (fault) {
    answer.end = own.signal.aborted ? "stopped" : "failed";
    if (answer.end === "failed") answer.error = fault instanceof ServerError ? { ...fault, message: fault.message } : { lost: true };
  }
  answer.seconds = (performance.now() - started) / 1000;
  if (controller === own) controller = null;
  turn.answer();
  update();
  follow();
  announce(turn, answer);
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
function announce(turn, answer) {
  const announcement = { done: answer.text, cut: answer.text, stopped: words.stopped_here };
  status.textContent = announcement[answer.end] ?? "";
}

function sendMessage(text, pictures) {
  list.querySelector(".editing .cancel")?.click();
  conversation.turns.push({ text, pictures, answer: null });
  add(conversation.turns.at(-1));
  ask();
}

// ── the page ──

function add(data) {
  turns.push(new Turn(data, words));
  list.append(turns.at(-1).element);
}

// Updates the page to the current state, and stores the conversation.
function update() {
  page.dataset.begun = turns.length > 0;
  for (const turn of turns) turn.last(turn === turns.at(-1), !controller);
  send.hidden = Boolean(controller);
  stop.hidden = !controller;
  ready();
}

function ready() {
  send.disabled = !field.value.trim();
  field.rows = Math.min(field.value.split("\n").length, 8); // for browsers without automatic field sizing
  Object.assign(conversation, { model: model.value, system: system.value, draft: field.value });
  page.querySelector(".full").hidden = saveConversation(conversation);
}

function showModel() {
  const option = model.selectedOptions[0];
  tray.allow("sees" in option.dataset, words.no_pictures.replace("{model}", option.value));
  for (const place of page.querySelectorAll(".chosen-model")) place.textContent = option.value;
}

const atEnd = () => innerHeight + scrollY >= document.documentElement.scrollHeight - 80;

function follow(always = false) {
  if (always || atEnd()) scrollTo(0, document.documentElement.scrollHeight);
}

// ── user actions ──

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = field.value.trim();
  if (!text || controller) return;
  const pictures = tray.urls;
  field.value = "";
  tray.put([]);
  sendMessage(text, pictures);
  field.focus();
});

field.addEventListener("input", ready);
system.addEventListener("input", ready);
model.addEventListener("change", () => {
  showModel();
  ready();
});
stop.addEventListener("click", () => controller?.abort());
// Leaving the page stops the answer; its text so far is stored.
addEventListener("pagehide", () => {
  controller?.abort();
  ready();
});

for (const starter of page.querySelectorAll(".starter")) {
  starter.addEventListener("click", () => sendMessage(starter.textContent.trim(), []));
}

page.querySelector(".new").addEventListener("click", () => {
  controller?.abort();
  conversation.turns.length = turns.length = 0;
  list.replaceChildren();
  tray.put([]);
  update();
  field.focus();
});

list.addEventListener("click", ({ target }) => {
  const turn = turns.find(({ element }) => element.contains(target));
  if (target.matches(".copy-answer")) copy(target, turn.data.answer.text, turn.prose);
  if (target.matches(".again, .retry") && !controller) askAgain(turn);
  if (target.matches(".edit")) edit(turn, (text) => controller || editQuestion(turn, text));
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && controller) controller.abort();
  // While an input method composes Chinese, Enter selects characters.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  if (!event.target.matches(".sends")) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});

function editQuestion(turn, text) {
  turn.data.text = text;
  turn.ask();
  askAgain(turn);
}

function askAgain(turn) {
  turn.data.answer = null;
  turn.answer();
  ask();
  field.focus({ preventScroll: true });
}
