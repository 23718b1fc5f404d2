// Double clicks send once; leaving a form with unsaved text asks first; an error summary takes the focus.
// Hooks: data-once, data-warn-unsaved, data-error-summary, and Escape closes an open data-confirm.
const sending = new WeakSet();
const dirty = new Set();

/** Say that everything typed into `form` is stored (autosave.js calls it). */
export function markSaved(form) {
  dirty.delete(form);
}

function release(form) {
  sending.delete(form);
  form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
}

function sendOnce(form) {
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (sending.has(form)) {
      event.preventDefault();
      return;
    }
    sending.add(form);
    dirty.delete(form);
    event.submitter?.setAttribute("aria-busy", "true");
    // A download or a refused connection leaves the page standing: the form must not stay locked.
    setTimeout(() => release(form), 8000);
  });
}

export function start() {
  document.querySelectorAll("form[data-once]").forEach(sendOnce);
  document.querySelectorAll("form[data-warn-unsaved]").forEach((form) => {
    form.addEventListener("input", () => dirty.add(form));
  });
  window.addEventListener("beforeunload", (event) => {
    if (dirty.size > 0) event.preventDefault();
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("form[data-once]").forEach(release);
  });
  document.querySelector("[data-error-summary]")?.focus();
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = event.target.closest?.("details[data-confirm][open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
  // Opening a question puts the cursor into it.
  document.querySelectorAll("details[data-confirm]").forEach((details) => {
    details.addEventListener("toggle", () => {
      if (details.open) details.querySelector("textarea, select, .confirm-body button")?.focus();
    });
  });
}
