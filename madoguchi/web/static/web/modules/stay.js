/** <div data-module="stay">: a list that is loaded anew after a press stands where it stood before. */
const KEPT = "stay";

export function mount(_list, { store = globalThis.sessionStorage } = {}) {
  const [path, top] = (store.getItem(KEPT) ?? "").split(" ");
  store.removeItem(KEPT);
  if (path === location.pathname) scrollTo(0, Number(top));
  addEventListener("pagehide", () => store.setItem(KEPT, `${location.pathname} ${scrollY}`));
}
