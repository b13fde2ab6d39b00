/** <form data-module="work" data-work="/reserve/work/" data-working="確認しています">: while many times are taken, the
 *  server asks for a little arithmetic before it holds one. It begins with the choice and is nearly always done
 *  when the button is pressed; WebCrypto does it off the page's own thread. Without this file, or when anything
 *  goes wrong, the form posts as usual: then the server lets an address do so only a few times. */
const words = new TextEncoder();
const hex = (bits) => Array.from(new Uint8Array(bits), (byte) => byte.toString(16).padStart(2, "0")).join("");

export async function solve({ salt, rounds, most, target }, { crypto = globalThis.crypto } = {}) {
  for (let number = 0; number < most; number += 1) {
    const key = await crypto.subtle.importKey("raw", words.encode(`${number}`), "PBKDF2", false, ["deriveBits"]);
    const how = { name: "PBKDF2", hash: "SHA-256", salt: words.encode(salt), iterations: rounds };
    if (hex(await crypto.subtle.deriveBits(how, key, 256)) === target) return `${salt.split(":").pop()}:${number}`;
  }
  return "";
}

export function mount(form, { fetch = globalThis.fetch } = {}) {
  let work = null;
  let isDone = false;
  const begin = () => (work ??= prepare());

  async function prepare() {
    try {
      const reply = await fetch(form.dataset.work);
      return reply.status === 200 ? await solve(await reply.json()) : "";
    } catch {
      return "";
    }
  }

  form.addEventListener("change", begin);
  form.addEventListener("submit", async (event) => {
    if (isDone) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const spoken = form.querySelector("[role=status]");
    const slow = setTimeout(() => spoken.append(form.dataset.working), 300);
    const done = document.createElement("input");
    Object.assign(done, { type: "hidden", name: "work", value: await begin() });
    clearTimeout(slow);
    form.append(done);
    isDone = true;
    // Work that was done before the press ends while the press is still being told: a form sent then is not.
    setTimeout(() => form.requestSubmit(event.submitter));
  });
  addEventListener("pageshow", () => {
    isDone = false;
    work = null;
    form.querySelector("[name=work]")?.remove();
    form.querySelector("[role=status]").replaceChildren();
  });
}
