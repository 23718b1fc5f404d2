// Everything here only improves pages that already work without it. One small module for each improvement.
import { start as autosave } from "./autosave.js";
import { start as copy } from "./copy.js";
import { start as countdown } from "./countdown.js";
import { start as filters } from "./filters.js";
import { start as forms } from "./forms.js";
import { start as place } from "./place.js";
import { start as gap } from "./gap.js";
import { start as queue } from "./queue.js";
import { start as rows } from "./rows.js";
import { start as similar } from "./similar.js";

document.documentElement.classList.add("js");
for (const part of [copy, countdown, filters, forms, autosave, rows, similar, queue, place, gap]) {
  part();
}
