// While writing: what is like it already, and the best answers so far.
// <section data-similar-url="…" data-similar-from="title pain"> gets the server's html fragment.
const PAUSE = 1200;
const ENOUGH = 8; // characters before it is worth asking

function watch(panel) {
  const names = panel.dataset.similarFrom.split(/\s+/);
  const fields = names.map((name) => document.querySelector(`form [name="${CSS.escape(name)}"]`)).filter(Boolean);
  if (fields.length === 0) return;
  const form = fields[0].form;
  let timer = 0;
  let running = null;
  let asked = "";

  async function ask() {
    const texts = fields.map((field) => field.value.trim());
    const key = texts.join("\n");
    if (key === asked || key.replace(/\s/g, "").length < ENOUGH) return;
    asked = key;
    running?.abort();
    running = new AbortController();
    const body = new FormData();
    body.set("csrf_token", form.elements.csrf_token?.value ?? "");
    fields.forEach((field, index) => body.set(field.name, texts[index]));
    try {
      const response = await fetch(panel.dataset.similarUrl, {
        method: "POST", body, credentials: "same-origin", signal: running.signal,
        headers: { "X-Requested-With": "fetch" },
      });
      // Same-origin html, escaped by the server's templates; a redirect to another page is not a fragment.
      if (response.ok && !response.redirected) panel.innerHTML = await response.text();
    } catch (error) {
      if (error.name !== "AbortError") asked = "";
    }
  }

  fields.forEach((field) => field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  }));
  ask();
}

export function start() {
  document.querySelectorAll("[data-similar-url][data-similar-from]").forEach(watch);
}
