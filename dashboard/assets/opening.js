// Runs in the page before Bokeh's scripts are there. The pictures are of the view in which nothing was chosen. They give
// way to the maps once these are drawn in their own size and theme, of which the server hears later; a page that does
// not open, or whose server is gone, says so.
(() => {
  const LOOK = 50; // ms
  const PATIENCE = 5000; // ms for which maps that are there are waited for until they have size and theme
  const SLOW = 25000; // ms after which a page that does not open says so
  const AGAIN = 3000; // ms between two looks whether a server that was gone is back
  const page = document.documentElement;
  const notice = document.querySelector(".pa-notice");
  if (location.search) page.dataset.maps = "other";

  const say = (happened, next) => {
    notice.querySelector(".happened").textContent = happened;
    notice.querySelector(".next").textContent = next;
    notice.hidden = false;
  };
  notice.querySelector("button").addEventListener("click", () => location.reload());

  const whenBack = () => {
    const asked = new Image();
    asked.onload = () => say("The server is back.", "Reload the page to go on with the same view.");
    asked.onerror = () => setTimeout(whenBack, AGAIN);
    asked.src = `favicon.ico?${Date.now()}`;
  };
  const lost = () => {
    say(
      "The connection to the server is lost, and what you do here is not followed.",
      "If it was stopped, start it again: platonic serve. The address of this page holds your view.",
    );
    setTimeout(whenBack, AGAIN);
  };

  const began = performance.now();
  let idle = 0;
  const drawn = (live) => {
    const told = live.get_model_by_name("map-0")?.tags || [];
    return told.length > 0 && told[1] === page.dataset.theme;
  };
  const look = () => {
    const live = window.Bokeh?.documents?.[0];
    const now = performance.now();
    if (live?.is_idle && !idle) {
      idle = now;
      live.on_event("connection_lost", lost);
    }
    if (idle && (drawn(live) || now - idle > PATIENCE)) {
      page.dataset.maps = "live";
      notice.hidden = true;
      return;
    }
    if (now - began > SLOW && notice.hidden) {
      say(
        "The page does not open.",
        "The server may be busy, or at fault: its terminal says more. Reload to try again.",
      );
    }
    setTimeout(look, LOOK);
  };
  look();
})();
