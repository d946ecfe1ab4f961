"""Scripts that judge a page in the browser. Each gives a list of what is wrong; empty when all is well."""

from __future__ import annotations

from selenium.webdriver import Chrome

BARE = "{{"  # a template that was not filled in
FAULT = "処理できませんでした"  # what stands there in the place of a page that failed

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

# What a page is to those who hear it or steer it by keyboard: WCAG 2.2, 2.4.2, 3.1.1, 1.3.1, 3.3.2, 3.3.1, 2.4.3, 4.1.2
FRAME = """
const wrong = [];
const all = (selector) => [...document.querySelectorAll(selector)];
const seen = (node) => node.getBoundingClientRect().width > 0;
const short = (node) => node.outerHTML.slice(0, 90);
const texts = (ids) => (ids || "").split(" ").map((id) => document.getElementById(id)?.textContent.trim()).join("");
if (document.documentElement.lang !== "ja") wrong.push("no language");
if (!/^.+ \\| さかた健康記録$/.test(document.title)) wrong.push(`title: ${document.title}`);
for (const [selector, many] of [["h1", 1], ["main", 1], ["header", 1], ["footer", 1], ["a.skip", 1]])
  if (document.body.querySelectorAll(`:scope ${selector}`).length < many) wrong.push(`no ${selector}`);
if (all("h1").length > 1) wrong.push("more than one h1");
if (!all("h1").every(seen)) wrong.push("the h1 is hidden");
for (const node of all("input:not([type=hidden]), select, textarea, progress"))
  if (![...(node.labels || [])].some((label) => label.textContent.trim())) wrong.push(`no label: ${short(node)}`);
for (const node of all("input[type=radio], input[type=checkbox]"))
  if (all(`[name="${node.name}"]`).filter((one) => one.form === node.form).length > 1
    && !node.closest("fieldset")?.querySelector("legend")) wrong.push(`no legend: ${short(node)}`);
for (const node of all("[aria-invalid]"))
  if (!texts(node.getAttribute("aria-describedby"))) wrong.push(`no reason: ${short(node)}`);
for (const node of all("[aria-describedby]"))
  if (!texts(node.getAttribute("aria-describedby"))) wrong.push(`describes nothing: ${short(node)}`);
for (const node of all("img")) if (!node.getAttribute("alt")) wrong.push(`no alt: ${short(node)}`);
for (const node of all("[tabindex]")) if (node.tabIndex > 0) wrong.push(`tabindex: ${short(node)}`);
for (const node of all("nav")) if (!node.getAttribute("aria-label")) wrong.push(`no name: ${short(node)}`);
for (const node of all("table:not(.numbers table)"))
  if (!node.querySelector("th[scope]")) wrong.push(`no headers: ${short(node)}`);
for (const node of all("[style], style, [onclick]")) if (!node.closest("svg, .picture, #vg-tooltip-element"))
  wrong.push(`inline: ${short(node)}`);
return wrong;
"""

# Letters below 16 px, signs in pictures and 振り仮名 apart.
SMALL_LETTERS = """
const wrong = [];
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
  const node = walk.currentNode.parentElement;
  if (!walk.currentNode.data.trim() || node.closest("svg, rt, rp, .hidden, script, style, small")) continue;
  const box = node.getBoundingClientRect();
  const size = parseFloat(getComputedStyle(node).fontSize);
  if (box.width > 2 && size < 15.9) wrong.push(`${size}: ${walk.currentNode.data.trim().slice(0, 30)}`);
}
return wrong;
"""

# 2.5.8: 24 px for everything that can be hit, links inside a sentence apart; what does something: 44 px.
TARGETS = """
const wrong = [];
const inSentence = (node) => node.matches("a") && getComputedStyle(node).display === "inline"
  && node.parentElement.textContent.trim() !== node.textContent.trim();
for (const node of document.querySelectorAll("a[href], button, summary, input:not([type=hidden]), select, textarea")) {
  const marked = node.matches("[type=radio], [type=checkbox]") && node.labels.length;
  const box = (marked ? node.labels[0] : node).getBoundingClientRect();
  if (box.width < 2 || node.closest(".hidden") || node.matches(".skip") || inSentence(node)) continue;
  const least = node.matches("button:not(.plain), .people a, a.note, select, textarea, input") ? 44 : 24;
  const size = Math.min(box.width, box.height).toFixed(0);
  if (size < least) wrong.push(`${size} px: ${(node.textContent.trim() || node.name).slice(0, 40)}`);
}
return wrong;
"""

# 1.4.10: nothing to be scrolled sideways, and nothing cut off.
SIDEWAYS = """
const wide = document.documentElement.clientWidth, wrong = [];
if (document.documentElement.scrollWidth > wide) wrong.push(`page ${document.documentElement.scrollWidth} > ${wide}`);
for (const node of document.querySelectorAll("main *, header *")) {
  if (node.closest("svg, .hidden, .scroll, .picture, thead") || !node.getBoundingClientRect().width) continue;
  const right = node.getBoundingClientRect().right;
  if (right > wide + 1) wrong.push(`${node.tagName} to ${right}: ${node.textContent.trim().slice(0, 30)}`);
}
return wrong;
"""

# 2.4.7, 2.4.13: what has the focus shows it by a line of 2 px or more.
FOCUS = """
const wrong = [];
for (const node of document.querySelectorAll("a[href], button, summary, input:not([type=hidden]), select, textarea")) {
  if (!node.getBoundingClientRect().width || node.disabled) continue;
  node.focus({ focusVisible: true, preventScroll: true });
  const style = getComputedStyle(node);
  if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) wrong.push(node.outerHTML.slice(0, 90));
}
document.activeElement.blur();
return wrong;
"""

_ALL = {
    "contrast": CONTRAST,
    "names": UNNAMED,
    "frame": FRAME,
    "letters": SMALL_LETTERS,
    "targets": TARGETS,
    "sideways": SIDEWAYS,
    "focus": FOCUS,
}
_JUDGED = "\n".join(
    (
        "for (const one of document.querySelectorAll('details')) one.open = true;",
        "const wrong = [], judge = (name, say) => wrong.push(...say().map((said) => `${name}: ${said}`));",
        *(f"judge('{name}', () => {{{script}}});" for name, script in _ALL.items()),
        "return wrong;",
    )
)


def judged(browser: Chrome) -> list[str]:
    """All that is wrong with the page as it stands, everything that folds unfolded."""
    found: list[str] = browser.execute_script(_JUDGED)
    found += ["the page of a fault"] if FAULT in browser.title else []
    return found + ([f"a template that was not filled in: {BARE}"] if BARE in browser.page_source else [])
