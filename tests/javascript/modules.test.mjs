/** What the scripts of our pages promise (node --test). */
import assert from "node:assert/strict";
import { pbkdf2Sync, webcrypto } from "node:crypto";
import test from "node:test";

import * as chosen from "../../madoguchi/web/static/web/modules/chosen.js";
import * as confirmDialog from "../../madoguchi/web/static/web/modules/confirm-dialog.js";
import * as countdown from "../../madoguchi/web/static/web/modules/countdown.js";
import * as keep from "../../madoguchi/web/static/web/modules/keep.js";
import * as keys from "../../madoguchi/web/static/web/modules/keys.js";
import * as once from "../../madoguchi/web/static/web/modules/once.js";
import * as postal from "../../madoguchi/web/static/web/modules/postal.js";
import * as print from "../../madoguchi/web/static/web/modules/print.js";
import * as questions from "../../madoguchi/web/static/web/modules/questions.js";
import * as refresh from "../../madoguchi/web/static/web/modules/refresh.js";
import * as stay from "../../madoguchi/web/static/web/modules/stay.js";
import * as work from "../../madoguchi/web/static/web/modules/work.js";
import { asWindow, happen, Part, settled } from "./page.mjs";

test("the chosen time stands beside the button, and goes with the choice", () => {
  const row = new Part();
  const output = new Part({ "[data-chosen-row]": row });
  const form = new Part({ "[data-chosen]": output });
  chosen.mount(form);
  assert.equal(row.hidden, true);
  form.found["input[type=radio]:checked"] = new Part({}, { dataset: { says: "12月15日 午前10時" } });
  happen(form, "change");
  assert.deepEqual([row.hidden, output.textContent], [false, "12月15日 午前10時"]);
});

test("the countdown tells the minutes that are left, speaks seldom, and ends", () => {
  let now = 0;
  let tick;
  let stopped = 0;
  const clear = globalThis.clearInterval;
  globalThis.clearInterval = () => { stopped += 1; };
  const element = new Part({}, { dataset: { seconds: "600", left: "あと{minutes}分です。", over: "時間になりました。" } });
  asWindow(() => countdown.mount(element, { now: () => now, every: (run) => { tick = run; return 1; } }));
  const said = [];
  for (now = 0; now <= 601_000; now += 1000) {
    const before = element.textContent;
    tick();
    if (element.textContent !== before && element.attributes["aria-live"] === "polite") said.push(element.textContent);
  }
  globalThis.clearInterval = clear;
  assert.deepEqual(said, ["あと5分です。", "あと3分です。", "あと2分です。", "あと1分です。", "時間になりました。"]);
  assert.equal(stopped, 1);
});

for (const wakes of ["visibilitychange", "pageshow"]) {
  test(`the countdown counts anew by the clock on the wall when a phone wakes (${wakes})`, (context) => {
    context.mock.timers.enable({ apis: ["Date", "setInterval"] });
    const element = new Part({}, { dataset: { seconds: "600", left: "あと{minutes}分です。", over: "時間になりました。" } });
    const page = asWindow(() => countdown.mount(element));
    for (const [at, said] of [[360_000, "あと4分です。"], [3_600_000, "時間になりました。"], [7_200_000, "時間になりました。"]]) {
      context.mock.timers.setTime(at);
      page.dispatchEvent(new Event(wakes));
      assert.deepEqual([element.textContent, element.attributes["aria-live"]], [said, "polite"]);
    }
  });
}

test("a form is sent once, and again when the page is shown again", () => {
  const button = new Part();
  const form = new Part({ "[aria-disabled]": button });
  const page = asWindow(() => once.mount(form));
  assert.equal(happen(form, "submit", { submitter: button }).defaultPrevented, false);
  assert.equal(button.attributes["aria-disabled"], "true");
  assert.equal(happen(form, "submit", { submitter: button }).defaultPrevented, true);
  page.dispatchEvent(new Event("pageshow"));
  assert.equal(button.attributes["aria-disabled"], undefined);
  assert.equal(happen(form, "submit").defaultPrevented, false);
});

test("a confirmed press is posted with its button, another is not", () => {
  const [heading, detail, yes] = [new Part(), new Part(), new Part()];
  const dialog = new Part({ h2: heading, "[data-confirm-detail]": detail, "[value=yes]": yes });
  dialog.showModal = () => { dialog.isOpen = true; };
  const posted = [];
  const form = new Part({}, { dataset: { confirm: "取り消しますか" }, requestSubmit: (button) => posted.push(button) });
  confirmDialog.mount(form, dialog);
  for (const [answer, count] of [["no", 0], ["yes", 1]]) {
    assert.equal(happen(form, "submit", { submitter: "button" }).defaultPrevented, true);
    assert.deepEqual([dialog.isOpen, heading.textContent, yes.textContent], [true, "取り消しますか", "はい"]);
    dialog.returnValue = answer;
    dialog.dispatchEvent(new Event("close"));
    assert.equal(posted.length, count);
  }
  assert.equal(happen(form, "submit").defaultPrevented, false);
});

test("printing is offered where a script can print", () => {
  const button = new Part({}, { hidden: true });
  let printed = 0;
  globalThis.print = () => { printed += 1; };
  print.mount(button);
  happen(button, "click");
  delete globalThis.print;
  assert.deepEqual([button.hidden, printed], [false, 1]);
});

test("an address is filled in from the page that comes back, and by the form itself when none comes", async () => {
  const replaced = [];
  const focused = [];
  globalThis.FormData = class {};
  globalThis.DOMParser = class { parseFromString(text) { return { getElementById: (id) => `${id} of ${text}` }; } };
  globalThis.document = {
    adoptNode: (node) => node,
    getElementById: (id) => ({ replaceWith: (node) => replaced.push(node), focus: () => focused.push(id) }),
  };
  const button = new Part();
  const posted = [];
  const form = new Part({ "[name=fill]": button }, { action: "/reserve/details/", requestSubmit: (one) => posted.push(one) });
  postal.mount(form, { fetch: async () => ({ ok: true, text: async () => "page" }) });
  assert.equal(happen(button, "click").defaultPrevented, true);
  await settled();
  assert.deepEqual(replaced, ["postal-code-field of page", "address-field of page"]);
  assert.deepEqual([focused, posted], [["id_address"], []]);

  const other = new Part();
  form.found["[name=fill]"] = other;
  postal.mount(form, { fetch: async () => ({ ok: false, status: 503 }) });
  happen(other, "click");
  await settled();
  assert.deepEqual(posted, [other]);
  delete globalThis.document;
});

const TASK = { salt: "a:b:session", rounds: 10, most: 50 };
TASK.target = pbkdf2Sync("37", TASK.salt, TASK.rounds, 32, "sha256").toString("hex");

test("the arithmetic finds the number that was asked for, and gives up at the end", async () => {
  assert.equal(await work.solve(TASK, { crypto: webcrypto }), "session:37");
  assert.equal(await work.solve({ ...TASK, most: 10 }, { crypto: webcrypto }), "");
});

test("a form that waits for its arithmetic is sent once, with or without the answer", async () => {
  const submitted = [];
  globalThis.document = { createElement: () => ({}) };
  for (const reply of [{ status: 204 }, null]) {
    const added = [];
    const form = new Part({ "[role=status]": { append() {} } }, {
      dataset: { work: "/reserve/work/", working: "確認しています" },
      append: (field) => added.push(field),
      requestSubmit: (button) => submitted.push(button),
    });
    asWindow(() => work.mount(form, { fetch: async () => reply ?? Promise.reject(new Error("away")) }));
    assert.equal(happen(form, "submit", { submitter: "button" }).defaultPrevented, true);
    await settled();
    assert.deepEqual(added, [{ type: "hidden", name: "work", value: "" }]);
    assert.equal(happen(form, "submit").defaultPrevented, false);
  }
  delete globalThis.document;
  assert.deepEqual(submitted, ["button", "button"]);
});

test("keys have one name each, whatever the case and the system", () => {
  assert.equal(keys.nameOf({ key: "N" }), "n");
  assert.equal(keys.nameOf({ key: "Enter", metaKey: true }), "ctrl+Enter");
  assert.equal(keys.nameOf({ key: "F2" }), "F2");
});

test("moving along a list stays inside it and begins at its first", () => {
  const list = ["a", "b", "c"];
  assert.equal(keys.neighbour(list, "a", -1), "a");
  assert.equal(keys.neighbour(list, "b", 1), "c");
  assert.equal(keys.neighbour(list, "c", 1), "c");
  assert.equal(keys.neighbour(list, null, 1), "a");
});

/** Return a page with one element per key, and what was clicked on it. */
function staffPage(names) {
  const clicked = [];
  const elements = names.map((name) => new Part({}, {
    dataset: { key: name }, matches: () => false, click: () => clicked.push(name),
  }));
  const page = new Part({ "[data-key]": elements }, { documentElement: { classList: { toggle() {} } } });
  keys.mount(page);
  const press = (key, facts = {}) => happen(page, "keydown", { key, ...facts });
  return { page, clicked, press };
}

test("a letter clicks its button, two letters theirs, and none acts while somebody types", () => {
  const field = new Part();
  field.closest = (selector) => (selector.startsWith("input") ? field : null);
  const { page, clicked, press } = staffPage(["n", "g m", "ctrl+Enter"]);
  page.closest = () => null;
  press("n");
  press("g");
  press("m");
  assert.deepEqual(clicked, ["n", "g m"]);
  page.closest = (selector) => (selector.startsWith("input") ? field : null);
  press("n");
  press("Enter", { ctrlKey: true });
  assert.deepEqual(clicked, ["n", "g m", "ctrl+Enter"]);
});

test("a letter acts on nothing behind an open dialog", () => {
  const { page, clicked, press } = staffPage(["n"]);
  page.found["dialog[open]"] = new Part();
  press("n");
  assert.deepEqual(clicked, []);
});

function askedOneByOne({ isNarrow = true, isRefused = false } = {}) {
  const parts = [1, 2, 3].map(() => new Part({}, { focus() {}, scrollIntoView() {} }));
  const form = new Part({ "[data-question]": parts, ...(isRefused ? { "[aria-invalid]": new Part() } : {}) });
  const past = { state: null, pushState(state) { this.state = state; } };
  const media = new Part({}, { matches: isNarrow });
  const page = asWindow(() => questions.mount(form, { media, past, place: { hash: "" } }));
  const press = (facts = {}) => happen(form, "submit", {
    submitter: { name: "", hasAttribute: (name) => name === facts.attribute, ...facts },
  }).defaultPrevented;
  return { parts, past, page, press, shown: () => parts.map((part) => !part.hidden) };
}

test("on a phone one question is asked after the other, and the last press sends the form", () => {
  const asked = askedOneByOne();
  assert.deepEqual(asked.shown(), [true, false, false]);
  assert.deepEqual([asked.press(), asked.shown()], [true, [false, true, false]]);
  assert.deepEqual([asked.press(), asked.shown()], [true, [false, false, true]]);
  assert.equal(asked.press(), false);
});

test("Back and the button for it lead to the question before, and from the first away", () => {
  const asked = askedOneByOne();
  asked.press();
  asked.press();
  asked.past.state = { question: 1 };
  happen(asked.page, "popstate");
  assert.deepEqual(asked.shown(), [false, true, false]);
  assert.deepEqual([asked.press({ name: "leave", attribute: "data-back" }), asked.shown()], [true, [true, false, false]]);
  assert.equal(asked.press({ name: "leave", attribute: "data-back" }), false);
});

test("a refused form, a wide screen and the press of another button meet the whole form", () => {
  for (const asked of [askedOneByOne({ isRefused: true }), askedOneByOne({ isNarrow: false })]) {
    assert.deepEqual([asked.shown(), asked.press()], [[true, true, true], false]);
  }
  assert.equal(askedOneByOne().press({ name: "same" }), false);
});

test("a list is put in its place when it has changed, keeps the focus, and asks without counting as work", async () => {
  const asked = [];
  const [list, said] = [new Part({}, { innerHTML: "old" }), new Part()];
  let focused = 0;
  const link = Object.assign(new Part(), { getAttribute: () => "/visit/1", focus: () => { focused += 1; } });
  const page = Object.assign(new Part({ "#day": list, "#refreshed": said, '#day a[href="/visit/1"]': link }), {
    activeElement: link, hidden: false, location: { href: "/day/", reload: () => asked.push("reload") },
  });
  let version = "1";
  const get = async (url, { headers }) => {
    asked.push(url, headers["X-By-Itself"]);
    return { ok: true, redirected: version === "", json: async () => ({ version }), text: async () => "new" };
  };
  const read = (text) => new Part({ "#day": { innerHTML: text } });
  const element = new Part({}, { dataset: { version: "1", look: "/look/" } });
  const look = refresh.mount(element, { page, get, every: () => {}, read });
  await look();
  assert.deepEqual([list.innerHTML, asked], ["old", ["/look/", "1"]]);
  version = "2";
  await look();
  assert.deepEqual([list.innerHTML, said.textContent, focused], ["new", "予約の一覧が新しくなりました。", 1]);
  page.hidden = true;
  await look();
  assert.equal(asked.length, 6);
  [page.hidden, version] = [false, ""];
  await look();
  assert.equal(asked.at(-1), "reload");
});

/** A form that keeps what is typed, and what was sent; `answer` lets the first that waits arrive. */
function keptForm(test) {
  test.mock.timers.enable({ apis: ["setTimeout"] });
  const [sent, waiting, places] = [[], [], []];
  const page = new EventTarget();
  globalThis.FormData = class extends Map { constructor(form) { super(Object.entries(form.fields)); } };
  globalThis.document = page;
  globalThis.history = { replaceState: (_state, _title, address) => places.push(address) };
  test.after(() => { for (const name of ["document", "history"]) delete globalThis[name]; });
  const form = new Part({}, { action: "/operator/", fields: {}, requestSubmit: (button) => sent.push(`press ${button}`) });
  const fetch = (_address, { body }) => {
    sent.push(`${body.get("do")} ${body.get("name")}`);
    return new Promise((arrive, fail) => waiting.push({ arrive, fail }));
  };
  const window = asWindow(() => keep.mount(form, { fetch }));
  const type = (name) => { form.fields = { do: "next", name }; happen(form, "input"); };
  const press = () => happen(page, "submit", { target: form, submitter: "next" }).defaultPrevented;
  return { form, sent, waiting, places, window, type, press, pause: () => test.mock.timers.tick(500) };
}
const arrived = async () => { for (let step = 0; step < 9; step += 1) await null; };

test("what is typed is kept once after a pause, without a press, at an address that a reload asks for", (t) => {
  const { sent, places, type, pause } = keptForm(t);
  assert.deepEqual(places, ["/operator/"]);
  type("福");
  t.mock.timers.tick(499);
  type("福岡");
  t.mock.timers.tick(499);
  assert.deepEqual(sent, []);
  t.mock.timers.tick(1);
  assert.deepEqual(sent, ["keep 福岡"]);
  pause();
  assert.equal(sent.length, 1);
});

test("what was typed a moment before the page is left is kept, and nothing without a new letter", (t) => {
  const { sent, window, type, pause } = keptForm(t);
  window.dispatchEvent(new Event("beforeunload"));
  assert.deepEqual(sent, []);
  type("福岡");
  window.dispatchEvent(new Event("beforeunload"));
  pause();
  window.dispatchEvent(new Event("beforeunload"));
  assert.deepEqual(sent, ["keep 福岡"]);
});

test("a press goes out at once when nothing is on its way, and nothing is kept after it", (t) => {
  const { sent, window, type, press, pause } = keptForm(t);
  type("福岡");
  assert.equal(press(), false);
  window.dispatchEvent(new Event("beforeunload"));
  pause();
  assert.deepEqual(sent, []);
});

for (const [outcome, word] of [["arrive", "arrived"], ["fail", "failed"]]) {
  test(`a press waits for what is on its way and goes out when that ${word}`, async (t) => {
    const { sent, waiting, type, press, pause } = keptForm(t);
    type("福岡");
    pause();
    assert.equal(press(), true);
    await arrived();
    assert.deepEqual(sent, ["keep 福岡"]);
    waiting[0][outcome]();
    await arrived();
    assert.deepEqual(sent, ["keep 福岡", "press next"]);
    assert.equal(press(), false);
  });
}

test("a press waits for the latest on its way, not for the one before", async (t) => {
  const { sent, waiting, type, press, pause } = keptForm(t);
  for (const name of ["福", "福岡"]) {
    type(name);
    pause();
  }
  waiting[0].arrive();
  await arrived();
  assert.equal(press(), true);
  waiting[1].arrive();
  await arrived();
  assert.deepEqual(sent, ["keep 福", "keep 福岡", "press next"]);
});

test("a press that was stopped by something else is not sent", async (t) => {
  const { sent, waiting, form, type, pause } = keptForm(t);
  type("福岡");
  pause();
  happen(globalThis.document, "submit", { target: form, submitter: "next", defaultPrevented: true });
  waiting[0].arrive();
  await arrived();
  assert.deepEqual(sent, ["keep 福岡"]);
});

test("a list stands where it stood when the same page comes again, once, and nowhere else", (t) => {
  const kept = new Map();
  const store = {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => kept.set(name, value),
    removeItem: (name) => kept.delete(name),
  };
  const scrolled = [];
  Object.assign(globalThis, { scrollTo: (_left, top) => scrolled.push(top), scrollY: 640 });
  t.after(() => { for (const name of ["scrollTo", "scrollY", "location"]) delete globalThis[name]; });
  const open = (pathname) => {
    globalThis.location = { pathname };
    return asWindow(() => stay.mount(null, { store }));
  };
  open("/operator/calls/").dispatchEvent(new Event("pagehide"));
  open("/operator/calls/");
  assert.deepEqual(scrolled, [640]);
  const list = open("/operator/calls/");
  assert.deepEqual(scrolled, [640]);
  list.dispatchEvent(new Event("pagehide"));
  open("/operator/waiting/");
  assert.deepEqual([scrolled, kept.size], [[640], 0]);
});
