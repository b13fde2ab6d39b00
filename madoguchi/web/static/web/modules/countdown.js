/** <p data-module="countdown" data-seconds="600" data-left="あと{minutes}分です。" data-over="…">: say, politely and
 *  seldom, how long the seats are still held. Counts from the server's figure, so a wrong clock does no harm; by
 *  the clock on the wall, and anew when a phone wakes, for what counts the page's own time sleeps with it. */
const SPOKEN = [5, 3, 2, 1];

export function mount(element, { now = () => Date.now(), every = setInterval } = {}) {
  const end = now() + Number(element.dataset.seconds) * 1000;
  let shown = null;
  const tick = (hasWoken = false) => {
    const minutes = Math.max(0, Math.ceil((end - now()) / 60_000));
    if (minutes === shown) return;
    const isSpoken = shown !== null && (hasWoken || minutes === 0 || SPOKEN.includes(minutes));
    shown = minutes;
    element.setAttribute("aria-live", isSpoken ? "polite" : "off");
    element.textContent =
      minutes > 0 ? element.dataset.left.replace("{minutes}", minutes) : element.dataset.over;
    if (minutes === 0) clearInterval(timer);
  };
  const timer = every(() => tick(), 1000);
  for (const wakes of ["visibilitychange", "pageshow"]) addEventListener(wakes, () => tick(true));
  tick();
}
