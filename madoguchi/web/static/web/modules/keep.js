/** <form data-module="keep">: send what was typed to be kept, without a press, so that a wrong key or a lost sign-in
 *  loses nothing; and give the page an address that Back and a reload can ask for again. */
const PAUSE_MS = 500;

export function mount(form, { fetch = globalThis.fetch } = {}) {
  let timer;
  let sending;
  const keep = () => {
    clearTimeout(timer);
    timer = undefined;
    const body = new FormData(form);
    body.set("do", "keep");
    const mine = fetch(form.action, { method: "POST", body, keepalive: true }).catch(() => {}).finally(() => {
      if (sending === mine) sending = undefined;
    });
    sending = mine;
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(keep, PAUSE_MS);
  });
  addEventListener("beforeunload", () => timer && keep());
  // A press carries everything itself, and nothing that was typed before may arrive after it.
  document.addEventListener("submit", (event) => {
    clearTimeout(timer);
    timer = undefined;
    if (!sending || event.defaultPrevented) return;
    event.preventDefault();
    const { target, submitter } = event;
    sending.then(() => target.requestSubmit(submitter));
  });
  history.replaceState(null, "", form.action);
}
