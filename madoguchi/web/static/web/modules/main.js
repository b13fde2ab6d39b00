/** Mount every module named in data-module. Without this file each page works all the same. */
import * as print from "./print.js";
import * as chosen from "./chosen.js";
import * as countdown from "./countdown.js";
import * as keep from "./keep.js";
import * as once from "./once.js";
import * as postal from "./postal.js";
import * as questions from "./questions.js";
import * as refresh from "./refresh.js";
import * as stay from "./stay.js";
import * as work from "./work.js";

const MODULES = { chosen, countdown, keep, once, postal, print, questions, refresh, stay, work };

for (const element of document.querySelectorAll("[data-module]")) {
  for (const name of element.dataset.module.split(" ")) MODULES[name].mount(element);
}
