// Texts of less contrast with what lies behind them than 4.5 (WCAG 2.2, 1.4.3), as the browser draws them.
(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });

  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
  const over = (top, below) => top.slice(0, 3).map((part, i) => part * top[3] + below[i] * (1 - top[3]));
  const light = (colour) => {
    const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    const [red, green, blue] = colour.map((part) => linear(part / 255));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const around = function* (element) {
    for (let at = element; at; at = at.parentElement) yield getComputedStyle(at);
  };
  const behind = (element) =>
    [...around(element)].map((style) => rgba(style.backgroundColor)).reverse()
      .reduce((below, top) => over(top, below), [255, 255, 255]);

  const contrast = (element) => {
    const ground = behind(element);
    const [red, green, blue, alpha] = rgba(getComputedStyle(element).color);
    const opacity = [...around(element)].reduce((found, style) => found * style.opacity, 1);
    const [a, b] = [light(over([red, green, blue, alpha * opacity], ground)), light(ground)].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  };
  const written = (element) =>
    element.matches("input:not([type=checkbox], [type=radio]), select, textarea") ||
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());

  return [...document.querySelectorAll("body *")]
    .filter((element) => written(element) && element.checkVisibility() && !element.closest(".unseen, option"))
    .filter((element) => contrast(element) < 4.5)
    .map((element) => `${element.tagName}.${element.className} ${contrast(element).toFixed(2)} ${element.textContent}`);
})();
