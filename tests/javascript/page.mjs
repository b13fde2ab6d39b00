/** As much of a page as our modules touch, without a browser: tests/browser walks the real ones. */

/** An element: attributes and data are plain objects, children are found by the selectors that name them. */
export class Part extends EventTarget {
  constructor(found = {}, facts = {}) {
    super();
    Object.assign(this, { attributes: {}, dataset: {}, found, hidden: false, textContent: "", value: "" }, facts);
  }
  setAttribute(name, value) { this.attributes[name] = value; }
  removeAttribute(name) { delete this.attributes[name]; }
  querySelector(selector) { return [this.found[selector] ?? null].flat()[0]; }
  querySelectorAll(selector) { return [this.found[selector] ?? []].flat(); }
  closest(selector) { return this.found[selector] ?? null; }
}

/** Dispatch an event with facts of its own, and return it. */
export function happen(target, type, facts = {}) {
  const event = new Event(type, { cancelable: true });
  // Defined, for some facts (the target) can only be read.
  for (const [name, value] of Object.entries(facts)) Object.defineProperty(event, name, { value });
  target.dispatchEvent(event);
  return event;
}

/** Run something during which a page stands for the window, and return that page. */
export function asWindow(run) {
  const page = new EventTarget();
  const before = globalThis.addEventListener;
  globalThis.addEventListener = page.addEventListener.bind(page);
  run();
  globalThis.addEventListener = before;
  return page;
}

/** Wait until everything that has begun has gone on as far as it can. */
export const settled = () => new Promise((done) => { setTimeout(done, 5); });
