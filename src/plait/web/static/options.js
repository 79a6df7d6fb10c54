// Keeps the options in the page's address and in the links that lead back to it, so that a link makes the same call.

const options = document.getElementById("options");

options?.addEventListener("input", () => {
  history.replaceState(history.state, "", withOptions(location.href));
  for (const link of document.querySelectorAll("[data-keeps]")) link.href = withOptions(link.href);
  for (const form of document.querySelectorAll("[data-options]")) form.action = withAllOptions(form.action);
});

function withOptions(address) {
  const url = new URL(address);
  for (const field of options.querySelectorAll("[data-option]")) {
    const text = field.value.trim();
    // The wording of the page's language is chosen without a word in the address.
    const isDefault = field.tagName === "SELECT" ? isInitial(field) && !url.searchParams.has(field.dataset.option) : !text;
    if (isDefault) url.searchParams.delete(field.dataset.option);
    else url.searchParams.set(field.dataset.option, text);
  }
  return url.href;
}

function withAllOptions(address) {
  const url = new URL(address);
  for (const { dataset, value } of options.querySelectorAll("[data-option]")) url.searchParams.set(dataset.option, value.trim());
  return url.href;
}

const isInitial = (select) => [...select.options].every((option) => option.selected === option.defaultSelected);
