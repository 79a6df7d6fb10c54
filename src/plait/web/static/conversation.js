// The conversation: stored in this tab, and converted to the messages of a request.
//
// A turn is { text, pictures, answer }; an answer { text, model, seconds, tokens, end, error }, whose `end` is "done",
// "stopped", "cut" or "failed", and empty while it is being written. Pictures are data URLs.

const PLACE = "plait.chat";
const EMPTY = { model: "", system: "", draft: "", turns: [] };

export function loadConversation() {
  try {
    return { ...EMPTY, ...JSON.parse(sessionStorage.getItem(PLACE)) };
  } catch {
    return { ...EMPTY }; // no storage in this browser, or data of another version of this page
  }
}

// Returns whether it could be stored: a tab has room for a few megabytes.
export function saveConversation(conversation) {
  try {
    sessionStorage.setItem(PLACE, JSON.stringify(conversation));
    return true;
  } catch {
    return false;
  }
}

// Questions without an answer are not sent again.
export function messages({ system, turns }) {
  const sent = turns.filter((turn) => turn === turns.at(-1) || turn.answer?.text);
  const first = system.trim() ? [{ role: "system", content: system.trim() }] : [];
  return [...first, ...sent.flatMap(turnMessages)];
}

function turnMessages({ text, pictures, answer }) {
  const images = pictures.map((url) => ({ type: "image_url", image_url: { url } }));
  const question = { role: "user", content: images.length ? [...images, { type: "text", text }] : text };
  return answer?.text ? [question, { role: "assistant", content: answer.text }] : [question];
}
