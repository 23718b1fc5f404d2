// Rows of a table of inputs are added and taken away without a round trip (the buttons also work without this).
// Names and ids of a row carry its number: indicators-3-name.
function renumber(row, number) {
  const old = row.dataset.row;
  row.dataset.row = String(number);
  for (const node of row.querySelectorAll("[name], [id], [for], [aria-describedby]")) {
    for (const attribute of ["name", "id", "for", "aria-describedby"]) {
      const value = node.getAttribute(attribute);
      if (value) node.setAttribute(attribute, value.replace(`-${old}-`, `-${number}-`));
    }
  }
}

function empty(row) {
  row.querySelectorAll(".field-error").forEach((node) => node.remove());
  row.querySelectorAll("input, textarea, select").forEach((control) => {
    if (control.type === "checkbox") control.checked = false;
    else if (control.tagName === "SELECT") control.selectedIndex = 0;
    else control.value = "";
    control.removeAttribute("aria-invalid");
    control.removeAttribute("aria-describedby");
  });
}

export function start() {
  document.querySelectorAll("[data-rows]").forEach((box) => {
    const body = box.querySelector("tbody");
    const changed = () => box.dispatchEvent(new Event("rows-changed", { bubbles: true }));
    box.querySelector("[data-row-add]")?.addEventListener("click", (event) => {
      const last = body.querySelector("tr:last-child");
      if (!last) return; // nothing to copy: let the server answer
      event.preventDefault();
      const fresh = last.cloneNode(true);
      renumber(fresh, Number(last.dataset.row) + 1);
      empty(fresh);
      body.append(fresh);
      fresh.querySelector("input").focus();
      changed();
    });
    body.addEventListener("click", (event) => {
      const button = event.target.closest("[data-row-remove]");
      if (!button) return;
      event.preventDefault();
      const row = button.closest("tr");
      if (body.rows.length === 1) empty(row);
      else row.remove();
      box.querySelector("[data-row-add]")?.focus();
      changed();
    });
  });
}
