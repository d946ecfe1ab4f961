"""Scripts that judge a page in the browser. Each gives a list of what is wrong; empty when all is well."""

BARE = "{{"  # a template that was not filled in

# WCAG 2.2, 1.4.3: 4.5:1, or 3:1 for large text (24 px, or 18.66 px bold). SVG letters count against their card.
CONTRAST = """
const parts = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
const light = ([r, g, b]) => {
  const [x, y, z] = [r, g, b].map((c) => ((c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
};
const behind = (node) => {
  for (; node; node = node.parentElement) {
    const colour = parts(getComputedStyle(node).backgroundColor);
    if (colour.length === 3 || colour[3] > 0.99) return colour;
  }
  return [255, 255, 255];
};
const wrong = [];
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
  const node = walk.currentNode.parentElement;
  const box = node.getBoundingClientRect();
  if (!walk.currentNode.data.trim() || box.width < 2 || node.closest("style, script, .hidden")) continue;
  const style = getComputedStyle(node);
  if (style.visibility === "hidden") continue;
  const ink = light(parts(node.namespaceURI.endsWith("svg") ? style.fill : style.color));
  const paper = light(behind(node));
  const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
  const size = parseFloat(style.fontSize);
  const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
  if (ratio < (large ? 3 : 4.5)) wrong.push(`${ratio.toFixed(2)}: ${walk.currentNode.data.trim().slice(0, 30)}`);
}
return wrong;
"""

UNNAMED = """
const wrong = [];
const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
for (const id of ids.filter((id, n) => ids.indexOf(id) !== n)) wrong.push(`id twice: ${id}`);
for (const node of document.querySelectorAll("a, button, summary, legend, th, h1, h2, h3"))
  if (!node.textContent.trim() && !node.closest("[hidden]")) wrong.push(`no name: ${node.outerHTML.slice(0, 80)}`);
for (const node of document.querySelectorAll("[aria-labelledby]"))
  if (!document.getElementById(node.getAttribute("aria-labelledby"))?.textContent.trim())
    wrong.push(`names nothing: ${node.getAttribute("aria-labelledby")}`);
for (const node of document.querySelectorAll("svg:not([aria-hidden])"))
  if (!node.getAttribute("aria-labelledby")) wrong.push("a picture without a name");
for (const node of document.querySelectorAll("a[href^='#']"))
  if (!document.getElementById(node.getAttribute("href").slice(1))) wrong.push(`leads nowhere: ${node.href}`);
let level = 1;
for (const node of document.querySelectorAll("h1, h2, h3, h4")) {
  const now = Number(node.tagName[1]);
  if (now > level + 1) wrong.push(`heading skips a level: ${node.textContent.trim()}`);
  level = now;
}
return wrong;
"""

# WCAG 2.2, 2.5.8 asks for 24 px; buttons here are for fingers that tremble: 44 px.
SMALL_TARGETS = """
const wrong = [];
for (const node of document.querySelectorAll("button, nav a, summary")) {
  const box = node.getBoundingClientRect();
  const least = node.matches("button:not(.plain)") ? 44 : 24;
  if (box.width && (box.height < least || box.width < least)) wrong.push(`${box.height}: ${node.textContent.trim()}`);
}
return wrong;
"""
