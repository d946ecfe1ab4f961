// The offer to be told on this browser. Without a script, or where Web Push is turned off, it is not made.
const place = document.getElementById("push");
const say = (words) => (place.querySelector("[role=status]").textContent = words);
const post = (method, body) =>
  fetch("/api/push/subscriptions", {
    method,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });

async function offer() {
  const key = await fetch("/api/push/key");
  if (!key.ok) return;
  const { public_key } = await key.json();
  await navigator.serviceWorker.register("/push-worker.js");
  const { pushManager } = await navigator.serviceWorker.ready;
  place.querySelector("#push-on").addEventListener("click", () => attempt(() => begin(pushManager, public_key)));
  place.querySelector("#push-off").addEventListener("click", () => attempt(() => end(pushManager)));
  draw(await current(pushManager, public_key).catch(() => pushManager.getSubscription()));
  place.hidden = false;
}

// The city has a new key: subscribe with that one, so that the old key can go.
async function current(pushManager, public_key) {
  const kept = await pushManager.getSubscription();
  if (!kept || Notification.permission !== "granted" || text(kept.options.applicationServerKey) === public_key)
    return kept;
  await end(pushManager);
  await begin(pushManager, public_key);
  say("");
  return pushManager.getSubscription();
}

const text = (octets) =>
  btoa(String.fromCharCode(...new Uint8Array(octets)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

function draw(subscription) {
  place.querySelector("#push-on").hidden = Boolean(subscription);
  place.querySelector("#push-off").hidden = !subscription;
}

async function attempt(work) {
  say("");
  try {
    await work();
  } catch {
    say("いまは設定できませんでした。通信を確かめて、しばらくしてからもう一度お試しください。");
  }
}

const within = (seconds, work) =>
  Promise.race([work, new Promise((_, late) => setTimeout(late, seconds * 1000))]); // no push service in reach

async function begin(pushManager, applicationServerKey) {
  if ((await Notification.requestPermission()) !== "granted")
    return say("ブラウザーの設定で通知が止められています。設定で許可すると、受け取れます。");
  say("設定しています…");
  const asked = pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
  const subscription = await within(20, asked).catch((fault) => {
    asked.then((late) => late.unsubscribe()).catch(() => {});
    throw fault;
  });
  const { endpoint, keys } = subscription.toJSON();
  const answer = await post("POST", {
    endpoint,
    p256dh: keys.p256dh,
    auth: keys.auth,
    server_key: applicationServerKey,
  });
  if (!answer.ok) {
    await subscription.unsubscribe();
    return say("お使いのブラウザーの通知には、まだ対応していません。");
  }
  draw(subscription);
  say("新しいお知らせがあると、この端末に通知が届きます。");
}

async function end(pushManager) {
  const subscription = await pushManager.getSubscription();
  if (subscription) {
    const answer = await post("DELETE", { endpoint: subscription.endpoint });
    if (!answer.ok && answer.status !== 404) throw new Error("still subscribed");
    await subscription.unsubscribe();
  }
  draw(null);
  say("この端末への通知をやめました。");
}

if (place && "serviceWorker" in navigator && "PushManager" in window) offer().catch(() => {}); // no offer: nothing lost
