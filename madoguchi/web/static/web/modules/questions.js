/** <form data-module="questions">: on a phone, one [data-question] of a long form at a time; the browser's Back leads
 *  to the one before. A refused form is shown whole, and so is every form on a wide screen or without this file: it is
 *  one form, sent once. */
const NARROW = "(max-width: 40rem)";

export function mount(form, { media = globalThis.matchMedia(NARROW), past = globalThis.history, place = globalThis.location } = {}) {
  const questions = [...form.querySelectorAll("[data-question]")];
  const isOneByOne = () => media.matches && !form.querySelector("[aria-invalid]");
  // Which one stands in the state and not in the address: a fragment would go along to the page after the form.
  const linked = place.hash ? questions.findIndex((each) => each.querySelector(`[id=${JSON.stringify(place.hash.slice(1))}]`)) : 0;
  const current = () => past.state?.question ?? Math.max(linked, 0);

  const show = () => {
    for (const [number, each] of questions.entries()) each.hidden = isOneByOne() && number !== current();
  };
  form.addEventListener("submit", (event) => {
    const number = current() + (event.submitter?.hasAttribute("data-back") ? -1 : 1);
    const leaves = event.submitter?.name && !event.submitter.hasAttribute("data-back");
    if (!isOneByOne() || leaves || !questions[number]) return;
    event.preventDefault();
    // The other modules of the form would take it for sent.
    event.stopImmediatePropagation();
    past.pushState({ question: number }, "");
    show();
    questions[number].scrollIntoView();
    questions[number].focus({ preventScroll: true });
  });
  addEventListener("popstate", show);
  media.addEventListener("change", show);
  show();
}
