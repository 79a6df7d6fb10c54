// Renders a model's Markdown text: paragraphs, headings, lists, code, bold, emphasis.
//
// All text becomes text nodes: no HTML from the model becomes HTML of the page, and nothing is fetched or linked.

const FENCE = /^ {0,6}(`{3,}|~{3,})([^`]*)$/;
const HEADING = /^ {0,3}#{1,6}\s+(.*?)[\s#]*$/;
const ITEM = /^(\s*)(?:[-*+•]|(\d{1,9})[.)])\s+(.*)$/;
const RULE = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
const INLINE = /`([^`\n]+)`|\*\*(?=\S)([^*\n]+(?:\*[^*\n]+)*)\*\*|(?<![\w*])\*(?=\S)([^*\n]+)\*(?![\w*])/g;
const sources = new WeakMap();

// Renders the text into the element. Unchanged blocks stay, so that a selection survives while the text grows.
export function show(place, text) {
  const blocks = blocksOf(text);
  blocks.forEach((block, at) => {
    const current = place.children[at];
    const source = JSON.stringify(block);
    if (current && sources.get(current) === source) return;
    const made = draw(block);
    sources.set(made, source);
    if (current) current.replaceWith(made);
    else place.append(made);
  });
  while (place.children.length > blocks.length) place.lastElementChild.remove();
}

function blocksOf(text) {
  const lines = text.split("\n");
  const blocks = [];
  while (lines.length) {
    const line = lines[0];
    if (!line.trim()) lines.shift();
    else if (FENCE.test(line)) blocks.push(code(lines));
    else if (RULE.test(line)) blocks.push({ kind: "rule", text: lines.shift() });
    else if (HEADING.test(line)) blocks.push({ kind: "heading", text: lines.shift().match(HEADING)[1] });
    else if (ITEM.test(line)) blocks.push(list(lines));
    else blocks.push(paragraph(lines));
  }
  return blocks;
}

function code(lines) {
  const [, fence, language] = lines.shift().match(FENCE);
  const end = lines.findIndex((line) => line.trim().startsWith(fence) && /^(`+|~+)$/.test(line.trim()));
  const inside = lines.splice(0, end < 0 ? lines.length : end + 1);
  return { kind: "code", language: language.trim(), text: (end < 0 ? inside : inside.slice(0, -1)).join("\n") };
}

// Parses list items with the indented lines below them; blank lines between two items belong to the list.
function list(lines) {
  const items = [];
  for (;;) {
    const blank = lines.findIndex((line) => line.trim());
    const line = lines[blank];
    const match = line?.match(ITEM);
    if (match && !RULE.test(line)) {
      lines.splice(0, blank + 1);
      items.push({ indent: match[1].length, number: Number(match[2] ?? 0), text: match[3] });
    } else if (blank === 0 && /^\s/.test(line) && !FENCE.test(line)) items.at(-1).text += `\n${lines.shift().trim()}`;
    else return { kind: "list", items };
  }
}

function paragraph(lines) {
  const text = [];
  while (lines.length && lines[0].trim() && ![FENCE, HEADING, ITEM, RULE].some((form) => form.test(lines[0]))) {
    text.push(lines.shift());
  }
  return { kind: "paragraph", text: text.join("\n") };
}

function draw(block) {
  switch (block.kind) {
    case "code":
      return codeBlock(block);
    case "list":
      return listElement(block.items);
    case "rule":
      return document.createElement("hr");
    default:
      return element("p", block.kind, ...inline(block.text));
  }
}

function codeBlock({ language, text }) {
  const made = document.getElementById("code").content.cloneNode(true).firstElementChild;
  const inner = made.querySelector("code");
  inner.textContent = text;
  made.querySelector(".code-kind").textContent = language;
  return made;
}

function listElement(items) {
  const outer = items[0].number ? document.createElement("ol") : document.createElement("ul");
  for (let at = 0; at < items.length; ) {
    const item = element("li", "", ...inline(items[at].text));
    if (items[at].number) item.value = items[at].number;
    const inner = items.slice(at + 1);
    const end = inner.findIndex((each) => each.indent <= items[0].indent);
    const nested = end < 0 ? inner : inner.slice(0, end);
    if (nested.length) item.append(listElement(nested));
    outer.append(item);
    at += 1 + nested.length;
  }
  return outer;
}

function inline(text) {
  const made = [];
  let at = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, bold, stressed] = match;
    made.push(text.slice(at, match.index));
    if (code) made.push(element("code", "", code));
    else made.push(element(bold ? "strong" : "em", "", ...inline(bold ?? stressed)));
    at = match.index + whole.length;
  }
  return [...made, text.slice(at)];
}

function element(tag, look, ...inside) {
  const made = document.createElement(tag);
  if (look) made.className = look;
  made.append(...inside);
  return made;
}
