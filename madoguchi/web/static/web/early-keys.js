/** Remember the keys that are pressed before keys.js listens: it acts on them as soon as the page is there. */
globalThis.earlyKeys = {
  pressed: [],
  remember: (event) => globalThis.earlyKeys.pressed.push(event),
};
addEventListener("keydown", globalThis.earlyKeys.remember);
