/** <div id="day" data-module="refresh" data-version="…" data-look="…">: ask once a minute whether the page is still
 *  as it was shown, and put the new one in its place; what has the focus keeps it. Without this there is a button. */
const EVERY = 60_000;
// By this the server knows that nobody pressed: a session left alone still ends.
const BY_ITSELF = { headers: { "X-By-Itself": "1" } };
const PARTS = ["#day", ".totals", "#seen-at"];

export function mount(element, { page = document, get = fetch, every = setInterval, read = parse } = {}) {
  let version = element.dataset.version;
  const look = async () => {
    if (page.hidden) return;
    const answer = await get(element.dataset.look, BY_ITSELF);
    // Signed out meanwhile: nobody's list stays on the counter.
    if (answer.redirected) return page.location.reload();
    if (!answer.ok) return;
    const now = (await answer.json()).version;
    if (now === version) return;
    const fresh = read(await (await get(page.location.href, BY_ITSELF)).text());
    const focus = page.activeElement?.getAttribute("href");
    for (const part of PARTS) {
      const [old, next] = [page.querySelector(part), fresh.querySelector(part)];
      if (old && next) old.innerHTML = next.innerHTML;
    }
    if (focus) page.querySelector(`#day a[href="${focus}"]`)?.focus({ preventScroll: true });
    page.querySelector("#refreshed").textContent = "予約の一覧が新しくなりました。";
    version = now;
  };
  // No line for a minute is no fault: it is asked again.
  every(() => look().catch(() => {}), EVERY);
  return look;
}

const parse = (text) => new DOMParser().parseFromString(text, "text/html");
