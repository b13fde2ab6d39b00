/** <form data-module="postal">: 「住所を入れる」 fills in the address without leaving the page. The button posts the
 *  form as ever; we only take the address field out of the page that comes back. */
export function mount(form, { fetch = globalThis.fetch } = {}) {
  const button = form.querySelector("[name=fill]");
  button?.addEventListener("click", async (event) => {
    event.preventDefault();
    const body = new FormData(form, button);
    try {
      const reply = await fetch(form.action, { method: "POST", body });
      if (!reply.ok) throw new Error(`HTTP ${reply.status}`);
      const page = new DOMParser().parseFromString(await reply.text(), "text/html");
      for (const id of ["postal-code-field", "address-field"]) {
        document.getElementById(id).replaceWith(document.adoptNode(page.getElementById(id)));
      }
      document.getElementById("id_address").focus();
      mount(form);
    } catch {
      form.requestSubmit(button);
    }
  }, { once: true });
}
