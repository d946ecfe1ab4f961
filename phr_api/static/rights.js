// A comfort: how far the copy is moves by itself, and the file appears when it is there. Without a script the link
// beside it does the same. It asks less and less often: each time is a line in 「だれが見たか」.
"use strict";

const MOST_SECONDS = 20;

async function look(bar) {
  const answer = await fetch(`/api/exports/${bar.dataset.export}`, { headers: { accept: "application/json" } });
  if (!answer.ok) return false;
  const copy = await answer.json();
  if (copy.state !== bar.dataset.state) return renew();
  bar.max = Math.max(copy.total, 1);
  bar.value = copy.done;
  document.getElementById("how-far").textContent = `${Math.floor((100 * copy.done) / bar.max)}%`;
  return true;
}

// The section as the server says it now; whoever was on its link or button is not sent back to the top.
async function renew() {
  const answer = await fetch("/rights", { headers: { accept: "text/html" } });
  if (!answer.ok) return false;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("copy");
  const section = document.getElementById("copy");
  const held = section.contains(document.activeElement);
  section.replaceChildren(...fresh.childNodes);
  if (held) section.querySelector("a, button")?.focus({ preventScroll: true });
  return true;
}

function follow(seconds) {
  setTimeout(async () => {
    const bar = document.getElementById("progress");
    if (!bar) return;
    const well = document.hidden || (await look(bar).catch(() => true)); // the network is away: ask again later
    if (well) follow(Math.min(seconds * 1.3, MOST_SECONDS));
  }, seconds * 1000);
}

follow(1);
