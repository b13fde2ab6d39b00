/** <form data-module="chosen">: repeat the chosen time next to the button ([data-chosen]). */
export function mount(form) {
  const output = form.querySelector("[data-chosen]");
  const show = () => {
    const radio = form.querySelector("input[type=radio]:checked");
    output.closest("[data-chosen-row]").hidden = !radio;
    output.textContent = radio?.dataset.says ?? "";
  };
  form.addEventListener("change", show);
  show();
}
