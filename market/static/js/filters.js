// Filters and sorting apply as they are chosen; on wide screens the panel stands open.
export function start() {
  document.querySelectorAll("form[data-autosubmit]").forEach((form) => {
    form.addEventListener("change", () => form.requestSubmit());
    form.addEventListener("submit", () => {
      // Empty values would only make the shareable address longer.
      form.querySelectorAll("input, select").forEach((control) => {
        if (control.value === "") control.disabled = true;
      });
    });
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-autosubmit] :disabled").forEach((control) => { control.disabled = false; });
  });
  document.querySelectorAll("[data-without-js]").forEach((button) => { button.hidden = true; });
  document.querySelectorAll("[data-with-js]").forEach((part) => { part.hidden = false; });
  if (window.matchMedia("(min-width: 960px)").matches) {
    document.querySelectorAll("details[data-facets]").forEach((panel) => { panel.open = true; });
  }
}
