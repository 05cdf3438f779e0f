// A page that Back takes from the browser's memory may show what was deleted since: it is loaded anew.

addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
