// Shows how far an adaptation is without a reload, and the whole page again when it ends.

const INTERVAL = 1000; // milliseconds
const live = document.getElementById("live");
let seen = "";

if (live?.dataset.running) setTimeout(follow, INTERVAL);

async function follow() {
  try {
    const response = await fetch(live.dataset.status, { headers: { accept: "application/json" } });
    const status = await response.json();
    if (response.ok && status.state !== "running") return location.reload();
    const now = JSON.stringify([status.phase, status.done, Math.round(status.seconds_left ?? 0)]);
    if (response.ok && now !== seen) await show();
    seen = now;
  } catch {
    // The server is away for a moment, or restarts: ask again.
  }
  setTimeout(follow, INTERVAL);
}

async function show() {
  const response = await fetch(live.dataset.part, { headers: { accept: "text/html" } });
  if (!response.ok) return;
  const focused = live.contains(document.activeElement);
  live.innerHTML = await response.text();
  if (focused) live.querySelector("button")?.focus();
}
