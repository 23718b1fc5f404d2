// Keeps 还剩 N 天 fresh, by the server's clock (body data-now), which a sample market may have moved.
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The same words as the server's `countdown` filter; `left` in milliseconds. */
export function words(left) {
  if (left <= 0) return "已截止";
  if (left >= DAY) return `还剩 ${Math.floor(left / DAY)} 天`;
  if (left >= HOUR) return `还剩 ${Math.floor(left / HOUR)} 小时`;
  return `还剩 ${Math.max(1, Math.floor(left / MINUTE))} 分钟`;
}

export function start() {
  const clocks = [...document.querySelectorAll("[data-countdown]")];
  const served = Date.parse(document.body.dataset.now);
  if (clocks.length === 0 || Number.isNaN(served)) return;
  const opened = performance.now();

  function refresh() {
    const now = served + performance.now() - opened;
    for (const clock of clocks) {
      const text = words(Date.parse(clock.dataset.countdown) - now);
      const late = text === "已截止" && "overdue" in clock.dataset;
      const shown = late ? "已逾期" : text;
      if (clock.textContent !== shown) clock.textContent = shown;
      if (late) clock.closest(".clock")?.classList.add("clock-overdue");
    }
  }
  setInterval(refresh, MINUTE / 2);
}
