/** <button data-module="print" hidden>: shown only where a script can print. */
export function mount(button) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
