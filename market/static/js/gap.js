// The table „怎样补上差额“ answers while one slides; without this the button asks the server.
// Whole 分 as BigInt: the same arithmetic as the server's, no fractions lost.
const YI = 10_000_000_000n;
const WAN = 1_000_000n;

function rounded(fen, unit) {
  const cents = (fen * 100n + unit / 2n) / unit; // two decimals, half up
  return [cents / 100n, cents % 100n];
}

function words(fen) {
  const [unit, name] = fen >= YI ? [YI, "亿元"] : [WAN, "万元"];
  const [whole, part] = rounded(fen, unit);
  let decimals = String(part).padStart(2, "0");
  if (unit === WAN) decimals = decimals.replace(/0+$/, "");
  return `${whole.toLocaleString("en")}${decimals ? `.${decimals}` : ""} ${name}`;
}

export function start() {
  const box = document.querySelector("[data-gap]");
  const more = box?.querySelector("[data-gap-more]");
  if (!more) return;
  const average = BigInt(box.dataset.average);
  const target = box.dataset.target === "" ? null : BigInt(box.dataset.target);
  more.addEventListener("input", () => {
    const added = BigInt(more.value) * average;
    box.querySelector("[data-gap-n]").textContent = more.value;
    box.querySelector("[data-gap-added]").textContent = words(added);
    for (const row of box.querySelectorAll("[data-gap-base]")) {
      const then = BigInt(row.dataset.gapBase) + added;
      row.querySelector("[data-gap-then]").textContent = words(then);
      if (target === null) continue;
      const left = target - then;
      row.querySelector("[data-gap-left]").textContent = left > 0n ? `还差 ${words(left)}` : `超出 ${words(-left)}`;
    }
  });
}
