// One turn of a conversation in the page: the question, and its answer, which may be partial.

import { show } from "./prose.js";

const DIGEST = 12; // visible hex digits of a model's digest

export class Turn {
  constructor(data, words) {
    this.data = data;
    this.words = words;
    this.element = copyOf("turn");
    this.prose = this.find(".prose");
    this.ask();
    this.answer();
  }

  find(selector) {
    return this.element.querySelector(selector);
  }

  ask() {
    this.find(".question .text").textContent = this.data.text;
    this.find(".question .pictures").hidden = !this.data.pictures.length;
    this.find(".question .pictures").replaceChildren(...this.data.pictures.map((url, at) => this.picture(url, at)));
  }

  picture(url, at) {
    const node = document.createElement("li");
    const image = node.appendChild(document.createElement("img"));
    image.src = url;
    image.alt = this.words.picture_number.replace("{number}", at + 1);
    return node;
  }

  // Renders the answer in its state: growing, complete, stopped, cut or failed.
  answer() {
    const { text = "", end = "" } = this.data.answer ?? {};
    show(this.prose, text);
    this.element.dataset.state = end || "growing";
    this.find(".waiting").hidden = Boolean(text || end);
    this.find(".note").textContent = this.note(text, end);
    this.find(".tail").hidden = !end || (end === "failed" && !text);
    this.find(".facts").replaceChildren(...this.facts().map(fact));
    this.find(".copy-answer").hidden = !text;
    this.find(".refused").replaceChildren(...(end === "failed" ? [this.error(this.data.answer.error)] : []));
  }

  note(text, end) {
    if (end === "stopped") return this.words.stopped_here;
    if (end === "cut") return this.words.cut_here;
    return end === "done" && !text ? this.words.said_nothing : "";
  }

  facts() {
    const { seconds, tokens, model = "" } = this.data.answer ?? {};
    const [name, digest = ""] = model.split("@");
    const rate = tokens && seconds ? this.words.rate.replace("{rate}", (tokens / seconds).toFixed(0)) : "";
    return [
      [seconds ? this.words.seconds.replace("{seconds}", seconds.toFixed(1)) : ""],
      [rate],
      [digest ? `${name}@${digest.slice(0, DIGEST)}` : name, model],
    ].filter(([text]) => text);
  }

  // An error as on the command line: name, message, details, hint.
  error({ type, message, details, hint, retryable, after, lost }) {
    const node = copyOf(lost ? "lost" : "refused");
    if (lost) return node;
    node.querySelector(".type").textContent = type ? `${type}: ` : "";
    node.querySelector(".what").textContent = message;
    node.querySelector(".details").textContent = details.join("\n");
    node.querySelector(".details").hidden = !details.length;
    node.querySelector(".ways").replaceChildren(...hint.split("\n").filter(Boolean).map(way));
    const wait = after ? this.words.wait.replace("{seconds}", after) : this.words.try_again;
    node.querySelector(".wait").textContent = retryable ? wait : "";
    node.querySelector(".retry").hidden = !retryable;
    return node;
  }

  // The last turn can be sent again, and its question edited.
  last(isLast, idle) {
    this.find(".edit").hidden = !(isLast && idle);
    this.find(".again").hidden = !(isLast && idle && this.data.answer?.text);
    for (const retry of this.element.querySelectorAll(".retry")) retry.disabled = !(isLast && idle);
  }
}

export const copyOf = (template) =>
  document.getElementById(template).content.cloneNode(true).firstElementChild;

function fact([text, title = ""]) {
  const node = document.createElement("span");
  node.textContent = text;
  node.title = title;
  return node;
}

function way(line) {
  const node = document.createElement("p");
  node.className = "way";
  node.append(`→ ${line}`);
  return node;
}
