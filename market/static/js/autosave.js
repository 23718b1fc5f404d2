// Drafts save themselves: two seconds after the last key the form is posted to data-autosave-url.
// Answer: {"saved_at": "14:05", "version": 3, "action": "/…", "autosave_url": "/…"}; all but saved_at optional.
import { markSaved } from "./forms.js";

const PAUSE = 2000;

function watch(form) {
  const status = form.querySelector("[data-autosave-status]");
  let timer = 0;
  let running = null;
  let submitted = false;

  function say(text, state) {
    if (!status) return;
    status.textContent = text;
    status.dataset.state = state;
  }

  function remember(answer) {
    if (answer.version !== undefined && form.elements.version) form.elements.version.value = answer.version;
    if (answer.action) form.setAttribute("action", answer.action);
    if (answer.autosave_url) form.dataset.autosaveUrl = answer.autosave_url;
    say(`已保存 ${answer.saved_at}`, "saved");
  }

  async function save() {
    if (submitted) return;
    if (running) {
      schedule();
      return;
    }
    const body = new FormData(form);
    for (const [name, value] of [...body]) {
      if (value instanceof File) body.delete(name); // files travel with the real submission only
    }
    body.delete("idempotency_key"); // each saving is an act of its own
    let typed = false;
    const noteTyping = () => { typed = true; };
    form.addEventListener("input", noteTyping);
    running = new AbortController();
    try {
      const response = await fetch(form.dataset.autosaveUrl, {
        method: "POST", body, credentials: "same-origin", signal: running.signal,
        headers: { "X-Requested-With": "fetch", Accept: "application/json" },
      });
      if (!response.ok) throw new Error(String(response.status));
      remember(await response.json());
      if (!typed) markSaved(form);
    } catch (error) {
      if (error.name !== "AbortError") say("未保存：网络或内容有问题，请点保存草稿", "failed");
    } finally {
      running = null;
      form.removeEventListener("input", noteTyping);
    }
  }

  function schedule() {
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  }

  form.addEventListener("input", schedule);
  form.addEventListener("rows-changed", schedule);
  form.addEventListener("submit", () => {
    submitted = true;
    clearTimeout(timer);
    running?.abort();
  });
  window.addEventListener("pageshow", () => { submitted = false; });
}

export function start() {
  document.querySelectorAll("form[data-autosave-url]").forEach(watch);
}
