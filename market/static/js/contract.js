// The contract form, live: the cost list makes 技术交易额, the instalments say what is still missing, a link opens its fold.
// Amounts are whole 分 in BigInt, typed in 万元 with up to six decimals; the server works the same out when it is sent.
const WAN = 1000000n;

function fen(text) {
  const found = /^(\d{1,12})(?:\.(\d{1,6}))?$/.exec(text.trim().replaceAll(",", ""));
  return found ? BigInt(found[1]) * WAN + BigInt((found[2] ?? "").padEnd(6, "0")) : null;
}

function wan(amount) {
  const rest = (amount % WAN).toString().padStart(6, "0").replace(/0+$/, "");
  return `${amount / WAN}${rest ? `.${rest}` : ""}`;
}

function lines(box) {
  const found = [...box.querySelectorAll("tbody tr")].map((row) => ({
    select: row.querySelector("select"),
    typed: row.querySelector("[name$='-amount']").value.trim(),
  }));
  return found.filter((line) => line.typed).map((line) => ({ ...line, fen: fen(line.typed) }));
}

function costs(form, box, total, technical) {
  const result = form.querySelector("[data-costs-result]");
  const out = new Set(box.dataset.out.split(" "));
  let own = technical.value === "" ? "" : null; // what this script wrote last; null: a person typed it
  technical.addEventListener("input", () => {
    own = technical.value === "" ? "" : null;
  });
  const show = () => {
    const rows = lines(box);
    const amount = fen(total.value);
    if (rows.length === 0 || amount === null || rows.some((row) => row.fen === null)) {
      result.textContent = "";
      return;
    }
    const taken = rows.filter((row) => out.has(row.select.value));
    const sum = (some) => some.reduce((all, row) => all + row.fen, 0n);
    const gap = amount - sum(rows);
    if (taken.length < rows.length && gap !== 0n) {
      result.textContent = `清单合计 ${wan(sum(rows))} 万元，比成交额${gap > 0n ? "少" : "多"} ${wan(gap > 0n ? gap : -gap)} 万元`;
      return;
    }
    const left = amount - sum(taken);
    if (left <= 0n) {
      result.textContent = "要扣除的费用没有给技术交易额留下金额，请核对";
      return;
    }
    const parts = taken.map((row) => `${row.select.selectedOptions[0].text} ${wan(row.fen)}`);
    result.textContent = `${[wan(amount), ...parts].join(" − ")} = ${wan(left)} 万元`;
    if (own === null && technical.value !== wan(left)) {
      result.textContent += `，与上面填的 ${technical.value} 万元不同`;
      return;
    }
    own = wan(left);
    technical.value = own;
  };
  if (own === null && lines(box).length > 0) own = technical.value; // brought along with the list: it follows the list
  for (const node of [box, total]) node.addEventListener("input", show);
  box.addEventListener("change", show);
  box.addEventListener("rows-changed", show);
  form.querySelector("[data-costs-button]").addEventListener("click", (event) => {
    event.preventDefault();
    own = technical.value;
    show();
  });
}

function schedule(form, box, total) {
  const result = form.querySelector("[data-schedule-result]");
  const show = () => {
    const rows = lines(box);
    const wanted = fen(form.elements.payment_mode.value === "entry_royalty" ? form.elements.entry_fee.value : total.value);
    if (rows.length === 0 || wanted === null || rows.some((row) => row.fen === null)) {
      result.textContent = "";
      return;
    }
    const gap = wanted - rows.reduce((all, row) => all + row.fen, 0n);
    result.textContent = gap === 0n ? "各期合计正好" : `各期合计还${gap > 0n ? "差" : "多"} ${wan(gap > 0n ? gap : -gap)} 万元`;
  };
  form.addEventListener("input", show);
  box.addEventListener("rows-changed", show);
  show();
}

function openFold() {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let fold = target && target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  if (target) target.scrollIntoView({ block: "center" });
}

const box = document.querySelector("[data-costs]");
if (box) {
  const form = box.closest("form");
  costs(form, box, form.elements.amount, form.elements.technical_amount);
  schedule(form, form.querySelector("[data-schedule]"), form.elements.amount);
  window.addEventListener("hashchange", openFold);
  openFold();
}
