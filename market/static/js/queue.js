// The reviewer's keys: j next, k previous, Enter opens. They can be switched off, and rest while one types.
const STORED = "queue-keys";

function typing(target) {
  return target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], details[open] .confirm-body") !== null;
}

export function start() {
  const queue = document.querySelector("[data-queue]");
  if (!queue) return;
  const links = [...queue.querySelectorAll("[data-queue-entry]")];
  const toggle = queue.querySelector("[data-queue-keys]");
  if (links.length === 0 || !toggle) return;
  try {
    toggle.checked = localStorage.getItem(STORED) !== "off";
  } catch { /* storage may be forbidden; the keys then start switched on */ }
  toggle.addEventListener("change", () => {
    try {
      localStorage.setItem(STORED, toggle.checked ? "on" : "off");
    } catch { /* as above: the choice then lasts for this page only */ }
  });
  document.addEventListener("keydown", (event) => {
    if (!toggle.checked || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const step = { j: 1, k: -1 }[event.key];
    if (!step) return;
    const focused = links.indexOf(document.activeElement);
    const current = focused >= 0 ? focused : links.findIndex((link) => link.hasAttribute("aria-current"));
    const next = links[Math.min(links.length - 1, Math.max(0, current + step))];
    event.preventDefault();
    next.focus(); // Enter then opens it: it is a link
  });
}
