// Runs when the page is closed: shows that there is something new. The message carries no health value.
"use strict";

self.addEventListener("push", (event) => {
  const told = event.data.json();
  const shown = { body: told.body, tag: told.tag, data: { url: told.url }, icon: "/static/icon.svg", lang: "ja" };
  event.waitUntil(self.registration.showNotification(told.title, shown));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show(event.notification.data.url));
});

async function show(url) {
  const pages = await self.clients.matchAll({ type: "window" });
  const open = pages.find((page) => new URL(page.url).pathname === new URL(url, self.location.origin).pathname);
  return open ? open.focus() : self.clients.openWindow(url);
}
