// Displays an image as soon as it is chosen, dropped or pasted. Without this file the form still sends it.

import { dataUrl } from "./dataurl.js";

const form = document.getElementById("ask");

form.addEventListener("change", ({ target }) => {
  if (target.matches(".chooser")) show(target);
});
form.addEventListener("dragover", (event) => {
  if (chooserAt(event.target)) event.preventDefault();
});
form.addEventListener("drop", (event) => {
  const chooser = chooserAt(event.target);
  if (!chooser || !event.dataTransfer.files.length) return;
  event.preventDefault();
  setFile(chooser, event.dataTransfer.files[0]);
});
document.addEventListener("paste", (event) => {
  const file = [...event.clipboardData.files].find(({ type }) => type.startsWith("image/"));
  const choosers = [...form.querySelectorAll(".chooser")];
  const chooser = chooserAt(document.activeElement) ?? choosers.find(({ files }) => !files.length) ?? choosers[0];
  if (!file || !chooser) return;
  event.preventDefault();
  setFile(chooser, file);
});
for (const chooser of form.querySelectorAll(".chooser")) show(chooser);

function chooserAt(element) {
  return element?.closest?.("[data-field]")?.querySelector(":scope > .chooser");
}

function setFile(chooser, file) {
  const transfer = new DataTransfer();
  transfer.items.add(file);
  chooser.files = transfer.files;
  show(chooser);
}

async function show(chooser) {
  const [file] = chooser.files;
  if (!file) return;
  const field = chooser.closest("[data-field]");
  const figure = field.querySelector(":scope > figure");
  const image = figure.querySelector("img");
  field.querySelector(":scope > input[type=hidden]")?.remove();
  // A file above the request limit is not sent: the server would close the connection during the upload.
  const large = file.size > Number(chooser.dataset.most);
  field.querySelector(":scope > .problem").textContent = large ? `${file.name} ${chooser.dataset.large}` : "";
  chooser.removeAttribute("aria-invalid");
  if (large) {
    chooser.setAttribute("aria-invalid", "true");
    chooser.value = "";
    return setVisible(figure, false);
  }
  image.onload = () => setVisible(figure, true);
  image.onerror = () => setVisible(figure, false);
  image.src = await dataUrl(file);
}

function setVisible(figure, visible) {
  figure.hidden = !visible;
  document.dispatchEvent(new CustomEvent("plait:picture"));
}
