// Copy buttons appear only here, because only here do they work. Hook: data-copy holds the text.
async function put(text) {
  if (navigator.clipboard && window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement("textarea"); // plain http inside an office has no clipboard API
  area.value = text;
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("copy refused");
}

export function start() {
  document.querySelectorAll("button[data-copy]").forEach((button) => {
    const label = button.querySelector("[data-copy-label]");
    const before = label.textContent;
    label.setAttribute("aria-live", "polite");
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await put(button.dataset.copy);
        label.textContent = "已复制";
        button.dispatchEvent(new CustomEvent("copied", { bubbles: true }));
      } catch {
        label.textContent = "请手动选中复制";
      }
      setTimeout(() => { label.textContent = before; }, 3000);
    });
  });
}
