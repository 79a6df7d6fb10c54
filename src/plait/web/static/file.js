// Answers the rows of a file without leaving the page: watched, stopped, downloaded. Nothing is kept but in this page.

import { events } from "./events.js";

const form = document.getElementById("rows");
const find = (selector) => form.querySelector(selector);
const run = find(".run");
const stop = find(".stop");
const save = find(".save");
const bar = find("progress");
const figures = find(".figures");
const status = find("[role=status]");
const results = find(".outcomes");
const MOST_SHOWN = 500; // rows on the page; the file has all
let controller = null;
let answers = null;

form.addEventListener("submit", (event) => {
  event.preventDefault();
  answer();
});
stop.addEventListener("click", () => controller?.abort());
addEventListener("pagehide", () => controller?.abort());

async function answer() {
  const own = (controller = new AbortController());
  begin();
  try {
    const response = await fetch(form.action, {
      method: "POST",
      headers: { accept: "text/event-stream" },
      body: new FormData(form),
      signal: own.signal,
    });
    await follow(response);
  } catch {
    if (own.signal.aborted) status.textContent = status.dataset.stopped;
    else fail(document.getElementById("lost").innerHTML);
  } finally {
    end();
  }
}

async function follow(response) {
  let complete = false;
  for await (const { name, data } of events(response)) {
    const value = JSON.parse(data);
    if (name === "head") start(value);
    if (name === "row") add(value);
    if (name === "done") status.textContent = status.dataset.done;
    if (name === "error") fail(value.html);
    complete ||= name === "done" || name === "error";
  }
  if (!complete) throw new Error("cut off");
}

function begin() {
  answers = null;
  URL.revokeObjectURL(save.href);
  find(".fault").replaceChildren();
  run.hidden = save.hidden = true;
  stop.hidden = false;
  results.hidden = find(".progressing").hidden = true;
  results.querySelector("tbody").replaceChildren();
  status.textContent = status.dataset.working;
  stop.focus();
}

function start(head) {
  answers = { ...head, lines: [head.line], done: 0, failed: 0, started: performance.now() };
  bar.max = head.total;
  const titles = [...results.querySelectorAll("th")];
  titles.slice(2).forEach((title) => title.remove());
  results.querySelector("thead tr").append(...head.columns.map((name) => node("th", name.replace(/^answer\./, ""))));
  const unused = find(".unused");
  unused.hidden = !head.unused.length;
  unused.textContent = unused.dataset.text.replace("{columns}", head.unused.join(", "));
  results.hidden = find(".progressing").hidden = false;
  progress();
}

function add(row) {
  answers.done += 1;
  answers.failed += row.error ? 1 : 0;
  answers.lines.push(row.line);
  if (answers.done <= MOST_SHOWN || (row.error && answers.failed <= MOST_SHOWN)) show(row);
  progress();
}

function show(row) {
  const line = node("tr");
  line.append(node("td", row.number, "number"), node("td", row.given, "given"));
  if (row.error) {
    const cell = node("td", row.error, "bad");
    cell.colSpan = row.cells.length;
    line.append(cell);
  } else line.append(...row.cells.map((text) => node("td", text)));
  // The newest row stays in sight, unless somebody has scrolled up to read.
  const atEnd = results.scrollTop + results.clientHeight >= results.scrollHeight - 8;
  results.querySelector("tbody").append(line);
  if (atEnd) results.scrollTop = results.scrollHeight;
}

function progress() {
  const { done, total, failed, started } = answers;
  const rate = done / ((performance.now() - started) / 1000);
  const words = figures.dataset;
  bar.value = done;
  figures.textContent = [
    words.rows.replace("{done}", done).replace("{total}", total),
    done && words.rate.replace("{rate}", rate.toFixed(1)),
    done && done < total && words.left.replace("{time}", duration((total - done) / rate)),
    failed && words.failed.replace("{count}", failed),
  ].filter(Boolean).join(" · ");
}

function duration(seconds) {
  const { minutes, seconds: unit } = figures.dataset;
  return seconds < 90 ? unit.replace("{count}", Math.round(seconds)) : minutes.replace("{count}", Math.round(seconds / 60));
}

function end() {
  controller = null;
  run.hidden = false;
  stop.hidden = true;
  if (answers?.done) {
    save.href = URL.createObjectURL(new Blob(answers.lines, { type: "text/csv" }));
    save.download = answers.file;
    save.hidden = false;
  }
  (save.hidden ? run : save).focus();
}

function fail(html) {
  find(".fault").innerHTML = html;
  status.textContent = "";
}

function node(tag, text = "", css = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  element.className = css;
  if (tag === "th") element.scope = "col";
  return element;
}
