// One turn of a conversation in the page: the question, and its answer, which may be partial.

import { show } from "./prose.js";

const DIGEST = 12; // visible hex digits of a model's digest

export class Turn {
  constructor(told, words) {
    this.told = told;
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
    this.find(".said .text").textContent = this.told.text;
    this.find(".said .pictures").hidden = !this.told.pictures.length;
    this.find(".said .pictures").replaceChildren(...this.told.pictures.map((url, at) => this.picture(url, at)));
  }

  picture(url, at) {
    const made = document.createElement("li");
    const image = made.appendChild(document.createElement("img"));
    image.src = url;
    image.alt = this.words.picture_number.replace("{number}", at + 1);
    return made;
  }

  // Renders the answer in its state: growing, complete, stopped, cut or failed.
  answer() {
    const { text = "", end = "" } = this.told.answer ?? {};
    show(this.prose, text);
    this.element.dataset.state = end || "growing";
    this.find(".waiting").hidden = Boolean(text || end);
    this.find(".note").textContent = this.note(text, end);
    this.find(".tail").hidden = !end || (end === "failed" && !text);
    this.find(".told").replaceChildren(...this.facts().map(fact));
    this.find(".copy-answer").hidden = !text;
    this.find(".refused").replaceChildren(...(end === "failed" ? [this.error(this.told.answer.error)] : []));
  }

  note(text, end) {
    if (end === "stopped") return this.words.stopped_here;
    if (end === "cut") return this.words.cut_here;
    return end === "done" && !text ? this.words.said_nothing : "";
  }

  facts() {
    const { seconds, tokens, model = "" } = this.told.answer ?? {};
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
    const made = copyOf(lost ? "lost" : "refused");
    if (lost) return made;
    made.querySelector(".type").textContent = type ? `${type}: ` : "";
    made.querySelector(".what").textContent = message;
    made.querySelector(".details").textContent = details.join("\n");
    made.querySelector(".details").hidden = !details.length;
    made.querySelector(".ways").replaceChildren(...hint.split("\n").filter(Boolean).map(way));
    const wait = after ? this.words.wait.replace("{seconds}", after) : this.words.try_again;
    made.querySelector(".wait").textContent = retryable ? wait : "";
    made.querySelector(".retry").hidden = !retryable;
    return made;
  }

  // The last turn can be sent again, and its question edited.
  last(is, idle) {
    this.find(".edit").hidden = !(is && idle);
    this.find(".again").hidden = !(is && idle && this.told.answer?.text);
    for (const retry of this.element.querySelectorAll(".retry")) retry.disabled = !(is && idle);
  }
}

export const copyOf = (template) =>
  document.getElementById(template).content.cloneNode(true).firstElementChild;

function fact([text, title = ""]) {
  const made = document.createElement("span");
  made.textContent = text;
  made.title = title;
  return made;
}

function way(line) {
  const made = document.createElement("p");
  made.className = "way";
  made.append(`→ ${line}`);
  return made;
}
