// Two comforts; the page says everything without them. (1) When something new has arrived, the sections that
// changed are replaced in place. (2) A chart that is touched or pointed at answers with its numbers.
"use strict";

const script = document.currentScript;

// On a narrow screen only the first pressing notice keeps its reason open; all are open without a script.
function foldReasons() {
  if (matchMedia("(max-width: 56rem)").matches)
    for (const why of document.querySelectorAll(":is(#today .card, #urgent .card ~ .card) .why:not([data-folded])")) {
      why.dataset.folded = "";
      why.open = false;
    }
}

// --- something new ----------------------------------------------------------------------------------

// Whose page this is: said with every question, whatever another tab of this browser shows meanwhile.
const whose = document.body.dataset.whose ?? "";
const sections = () => [...document.querySelectorAll("[data-live]")];
const asSent = new Map(sections().map((section) => [section.id, section.innerHTML]));
foldReasons();

async function askWhetherNew() {
  if (document.hidden) return;
  const answer = await fetch(`/me/version${whose}`, { headers: { accept: "application/json" } });
  if (answer.status === 401) return location.assign("/signin");
  if (answer.status === 403 || answer.status === 404) return location.reload(); // nobody acts for this person any more
  if (answer.ok && (await answer.json()).version !== document.body.dataset.version) await renew();
}

async function renew() {
  const answer = await fetch(location.pathname + whose, { headers: { accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const changed = sections().filter((section) => replace(section, fresh.getElementById(section.id)));
  document.body.dataset.version = fresh.body.dataset.version;
  foldReasons();
  watchCharts();
  if (changed.some((section) => section.id !== "hello"))
    document.getElementById("news").textContent = "新しい記録が届き、画面を新しくしました。";
}

function replace(section, fresh) {
  if (!fresh || fresh.innerHTML === asSent.get(section.id)) return false;
  asSent.set(section.id, fresh.innerHTML);
  const open = [...section.querySelectorAll("details")].map((one) => one.open);
  const focused = section.contains(document.activeElement) && document.activeElement.id;
  section.replaceChildren(...fresh.childNodes);
  section.hidden = fresh.hidden;
  const details = [...section.querySelectorAll("details")];
  if (details.length === open.length)
    details.forEach((one, n) => {
      one.open = open[n];
      one.dataset.folded = ""; // the reader's choice now
    });
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  return true;
}

const seconds = Number(document.body.dataset.askSeconds);
if (seconds) {
  const ask = () =>
    askWhetherNew()
      .catch(() => {}) // the network is away: ask again later
      .finally(() => setTimeout(ask, seconds * 1000));
  setTimeout(ask, seconds * 1000);
  document.addEventListener("visibilitychange", () => askWhetherNew().catch(() => {}));
}

// --- charts that answer -----------------------------------------------------------------------------

let vega;
const loadVega = () =>
  (vega ??= new Promise((done, failed) => {
    const tag = document.createElement("script");
    tag.type = "module";
    tag.src = script.dataset.charts;
    tag.onload = done;
    tag.onerror = failed;
    document.head.append(tag);
  }));

async function enliven(figure) {
  const [answer] = await Promise.all([fetch(figure.dataset.chart), loadVega()]);
  if (!answer.ok) return;
  const place = document.createElement("div");
  const view = await window.phrChart(place, await answer.json());
  const picture = figure.querySelector(".picture");
  const drawn = place.querySelector("svg");
  for (const { name, value } of picture.querySelector("svg").attributes)
    if (name.startsWith("aria-") || name === "role") drawn.setAttribute(name, value);
  drawn.removeAttribute("width");
  drawn.removeAttribute("height");
  picture.replaceChildren(place);
  figure.classList.add("answers");
  return view;
}

function watchCharts() {
  for (const figure of document.querySelectorAll("[data-chart]:not([data-watched])")) {
    figure.dataset.watched = "";
    const start = () => enliven(figure).catch(() => {}); // the server's picture stays
    figure.addEventListener("pointerover", start, { once: true });
  }
}
watchCharts();
