/** <form data-confirm="取り消しますか" data-confirm-detail="…" data-confirm-yes="取り消す">: ask once more before posting.
 *  Without this file the form posts at once, so only what can be undone, or was shown before, may rely on it. */
export function mount(form, dialog) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.confirmed) return;
    event.preventDefault();
    dialog.querySelector("h2").textContent = form.dataset.confirm;
    dialog.querySelector("[data-confirm-detail]").textContent = form.dataset.confirmDetail ?? "";
    dialog.querySelector("[value=yes]").textContent = form.dataset.confirmYes ?? "はい";
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => {
      if (dialog.returnValue !== "yes") return;
      form.dataset.confirmed = "1";
      form.requestSubmit(event.submitter);
    }, { once: true });
    dialog.showModal();
  });
}

if (globalThis.document) {
  const dialog = document.getElementById("confirm-dialog");
  for (const form of document.querySelectorAll("form[data-confirm]")) mount(form, dialog);
}
