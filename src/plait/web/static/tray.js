// Images attached to a message: chosen, pasted or dropped; displayed as thumbnails and sent as data URLs.

import { dataUrl } from "./dataurl.js";

const LARGEST = 2048; // pixels of a side; larger images are scaled down here
const HEAVIEST = 2 ** 20; // bytes; smaller files are sent unchanged
const AS_THEY_ARE = ["image/png", "image/jpeg", "image/webp"];

export class Tray {
  constructor(form, words, onChange) {
    Object.assign(this, { form, words, onChange, urls: [], allowed: false });
    this.tray = form.querySelector(".pictures");
    this.input = form.querySelector("input[type=file]");
    this.problem = form.querySelector(".problem");
    this.input.addEventListener("change", () => this.add([...this.input.files]).then(() => (this.input.value = "")));
    form.addEventListener("paste", (event) => this.take(event, event.clipboardData));
    form.addEventListener("drop", (event) => this.take(event, event.dataTransfer));
    form.addEventListener("dragover", (event) => this.allowed && holdsFiles(event) && event.preventDefault());
  }

  // If the model takes no images, the control gives the reason.
  allow(readsImages, reason) {
    this.allowed = readsImages;
    this.input.disabled = !readsImages;
    this.form.querySelector(".why").textContent = readsImages ? "" : reason;
    this.input.parentElement.title = readsImages ? "" : reason;
  }

  put(urls) {
    this.urls = [...urls];
    this.draw();
  }

  take(event, transfer) {
    const files = [...(transfer?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    this.add(files);
  }

  async add(files) {
    this.problem.textContent = this.allowed ? "" : this.form.querySelector(".why").textContent;
    if (!this.allowed) return;
    for (const file of files) {
      try {
        this.urls.push(await imageDataUrl(file));
      } catch {
        this.problem.textContent = this.words.no_picture.replace("{name}", file.name);
      }
    }
    this.draw();
    this.onChange();
  }

  draw() {
    this.tray.hidden = !this.urls.length;
    this.tray.replaceChildren(...this.urls.map((url, at) => this.thumbnail(url, at)));
  }

  thumbnail(url, at) {
    const item = document.getElementById("thumbnail").content.cloneNode(true).firstElementChild;
    const number = (text) => text.replace("{number}", at + 1);
    item.querySelector("img").src = url;
    item.querySelector("img").alt = number(this.words.picture_number);
    item.querySelector("button").setAttribute("aria-label", number(this.words.remove_picture));
    item.querySelector("button").addEventListener("click", () => {
      this.urls.splice(at, 1);
      this.draw();
      this.onChange();
      const buttons = [...this.tray.querySelectorAll("button")];
      (buttons[at] ?? buttons.at(-1) ?? this.input).focus();
    });
    return item;
  }
}

const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");

// Throws if the browser cannot read the file as an image.
async function imageDataUrl(file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, LARGEST / Math.max(picture.width, picture.height));
  if (scale === 1 && file.size <= HEAVIEST && AS_THEY_ARE.includes(file.type)) return dataUrl(file);
  const canvas = new OffscreenCanvas(Math.ceil(picture.width * scale), Math.ceil(picture.height * scale));
  const drawing = canvas.getContext("2d");
  drawing.fillStyle = "white"; // JPEG has no transparency
  drawing.fillRect(0, 0, canvas.width, canvas.height);
  drawing.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return dataUrl(await canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 }));
}
